import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';

interface RemoveGatewayDialogProps {
  readonly gateway: GatewayView;
  readonly inUse: boolean;
  readonly onClose: () => void;
}

export function RemoveGatewayDialog({ gateway, inUse, onClose }: RemoveGatewayDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const remove = async (): Promise<void> => {
    const result = await ask('gateway.remove', { id: gateway.id });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      title={`Remove ${gateway.name}?`}
      sentence={`${inUse ? 'Its line is closed, and ' : ''}${inUse ? 'its' : 'Its'} stored token is deleted. Nothing changes on the other computer, and known_hosts stays as it is.`}
      glyph="warn"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn danger" disabled={busy} onClick={() => void remove()}>
            Remove gateway
          </button>
          <button type="button" className="btn primary" data-first="" onClick={onClose}>
            Keep it
          </button>
        </>
      }
    >
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}
