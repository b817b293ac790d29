import type { ReactNode } from 'react';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { ChooseIdentityDialog, EnterTokenDialog, MovePortDialog } from './FieldDialogs.tsx';
import { CompareHostKeysDialog, TrustHostKeyDialog } from './HostKeyDialogs.tsx';
import { PickupDialog, PickupTokenDialog } from './PickupDialog.tsx';
import { TrustCertificateDialog } from './TrustCertificateDialog.tsx';
import { TrustNetworkDialog } from './TrustNetworkDialog.tsx';
import type { RepairDialog } from './repairs.ts';

interface OpenRepairProps {
  readonly dialog: RepairDialog | undefined;
  readonly gateway: GatewayView;
  readonly cause: ErrorInfo;
  readonly onClose: () => void;
}

/** The question that fixes a fault, while it is open. */
export function OpenRepair({ dialog, ...props }: OpenRepairProps): ReactNode {
  return dialog === undefined ? undefined : QUESTIONS[dialog](props);
}

const QUESTIONS: Readonly<Record<RepairDialog, (props: Omit<OpenRepairProps, 'dialog'>) => ReactNode>> = {
  'trust-host-key': ({ gateway, cause, onClose }) =>
    cause.code === 'ssh/host-key-unknown' ? (
      <TrustHostKeyDialog owner={{ id: gateway.id }} cause={cause} onClose={onClose} />
    ) : undefined,
  'compare-host-keys': ({ gateway, cause, onClose }) =>
    cause.code === 'ssh/host-key-changed' ? (
      <CompareHostKeysDialog owner={{ id: gateway.id }} cause={cause} onClose={onClose} />
    ) : undefined,
  'trust-certificate': ({ gateway, cause, onClose }) => (
    <TrustCertificateDialog id={gateway.id} name={gateway.name} cause={cause} onClose={onClose} />
  ),
  'trust-network': ({ gateway, onClose }) => <TrustNetworkDialog gateway={gateway} onClose={onClose} />,
  'enter-token': ({ gateway, onClose }) => <EnterTokenDialog gateway={gateway} onClose={onClose} />,
  'pickup-token': ({ gateway, onClose }) => <PickupTokenDialog gateway={gateway} onClose={onClose} />,
  'pickup-approval': ({ gateway, onClose }) => <PickupDialog gateway={gateway} what="approval" onClose={onClose} />,
  'move-port': ({ gateway, onClose }) => <MovePortDialog gateway={gateway} onClose={onClose} />,
  'choose-identity': ({ gateway, onClose }) => <ChooseIdentityDialog gateway={gateway} onClose={onClose} />,
};
