import { useCallback, useState, type ReactNode } from 'react';

import { testPlan } from '../../../src-main/contract/connection-test.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { OpenRepair } from './OpenRepair.tsx';
import { repairsFor, type RepairDialog } from './repairs.ts';
import { TestDialog, type TestFix } from './TestDialog.tsx';

interface Repair {
  readonly dialog: RepairDialog;
  readonly cause: ErrorInfo;
}

/** The test of a gateway of the list. What it finds is fixed here as on the gateway's own page. */
export function TestGatewayDialog({
  gateway,
  onClose,
}: {
  readonly gateway: GatewayView;
  readonly onClose: () => void;
}): ReactNode {
  const [repair, setRepair] = useState<Repair>();
  const close = useCallback(() => setRepair(undefined), []);
  const fixFor = (cause: ErrorInfo): TestFix | undefined => {
    const step = repairsFor(cause, gateway.kind).find(({ type }) => type === 'dialog');
    if (step?.type !== 'dialog') return undefined;
    return { label: step.label, onFix: () => setRepair({ dialog: step.dialog, cause }) };
  };
  return (
    <>
      <TestDialog
        name={gateway.name}
        of={{ id: gateway.id }}
        plan={testPlan(gateway.kind, gateway.target)}
        fixFor={fixFor}
        onClose={onClose}
      />
      {repair === undefined ? undefined : <OpenRepair {...repair} gateway={gateway} onClose={close} />}
    </>
  );
}
