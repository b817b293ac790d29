import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';

interface TrustNetworkDialogProps {
  readonly gateway: GatewayView;
  readonly onClose: () => void;
}

/** Before a token travels in the clear. */
export function TrustNetworkDialog({ gateway, onClose }: TrustNetworkDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const { id, name, target } = gateway;
  const trust = async (): Promise<void> => {
    const result = await ask('gateway.trust-network', { id, trusted: true });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      title={`Reach ${name} without encryption?`}
      sentence={`Whoever is in the network of ${target ?? name} could read its token and all that you say to it.`}
      glyph="warn"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn danger" disabled={busy} onClick={() => void trust()}>
            Trust that network
          </button>
          <button type="button" className="btn primary" data-first="" onClick={onClose}>
            Stay stopped
          </button>
        </>
      }
    >
      <p>
        Only private and tailnet addresses are ever reached like that, and the Overview says so for as long as it lasts.
        Over SSH, or with a wss:// address, nobody has to be trusted.
      </p>
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}
