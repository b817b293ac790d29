import type { ReactNode } from 'react';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { ChooseIdentityDialog, EnterTokenDialog, MovePortDialog } from './FieldDialogs.tsx';
import { CompareHostKeysDialog, TrustHostKeyDialog } from './HostKeyDialogs.tsx';
import { PickupDialog, PickupTokenDialog } from './PickupDialog.tsx';
import { TrustCertificateDialog } from './TrustCertificateDialog.tsx';
import type { RepairDialog } from './repairs.ts';

interface OpenRepairProps {
  readonly dialog: RepairDialog | undefined;
  readonly gateway: GatewayView;
  readonly cause: ErrorInfo;
  readonly onClose: () => void;
}

/** The question that fixes a fault, while it is open. */
export function OpenRepair({ dialog, gateway, cause, onClose }: OpenRepairProps): ReactNode {
  switch (dialog) {
    case undefined:
      return undefined;
    case 'trust-host-key':
      return cause.code === 'ssh/host-key-unknown' ? (
        <TrustHostKeyDialog owner={{ id: gateway.id }} cause={cause} onClose={onClose} />
      ) : undefined;
    case 'compare-host-keys':
      return cause.code === 'ssh/host-key-changed' ? (
        <CompareHostKeysDialog owner={{ id: gateway.id }} cause={cause} onClose={onClose} />
      ) : undefined;
    case 'trust-certificate':
      return <TrustCertificateDialog id={gateway.id} name={gateway.name} cause={cause} onClose={onClose} />;
    case 'enter-token':
      return <EnterTokenDialog gateway={gateway} onClose={onClose} />;
    case 'pickup-token':
      return <PickupTokenDialog gateway={gateway} onClose={onClose} />;
    case 'pickup-approval':
      return <PickupDialog gateway={gateway} what="approval" onClose={onClose} />;
    case 'move-port':
      return <MovePortDialog gateway={gateway} onClose={onClose} />;
    case 'choose-identity':
      return <ChooseIdentityDialog gateway={gateway} onClose={onClose} />;
  }
}
