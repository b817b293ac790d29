import { useCallback, useState, type ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useApp } from '../../stores/app-context.ts';
import { TestGatewayDialog } from './TestGatewayDialog.tsx';

interface TestButtonProps {
  readonly gateway: GatewayView;
  /** In a row of a list: quiet, and named after its gateway. */
  readonly small?: boolean;
}

/** Offers the connection test; absent in a plain browser, which is on the far side already. */
export function TestButton({ gateway, small = false }: TestButtonProps): ReactNode {
  const { bridge } = useApp();
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  if (bridge.surface !== 'app') return undefined;
  return (
    <>
      <button
        type="button"
        className={small ? 'btn quiet' : 'btn'}
        aria-label={small ? `Test the connection to ${gateway.name}` : undefined}
        onClick={() => setOpen(true)}
      >
        {small ? 'Test' : 'Test connection'}
      </button>
      {open ? <TestGatewayDialog gateway={gateway} onClose={close} /> : undefined}
    </>
  );
}
