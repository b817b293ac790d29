import type { ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { checkPort, toPort } from '../gateways/port.ts';
import { FieldDialog } from './FieldDialog.tsx';

interface RepairDialogProps {
  readonly gateway: GatewayView;
  readonly onClose: () => void;
}

export function EnterTokenDialog({ gateway, onClose }: RepairDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const give = async (token: string): Promise<void> => {
    const result = await ask('gateway.set-token', { id: gateway.id, token });
    if (result.ok) onClose();
  };
  return (
    <FieldDialog
      title={`Token of ${gateway.name}`}
      sentence="It is kept with the secrets of this computer and sent to that gateway only."
      label="Token or password"
      help={`As it is set on ${gateway.name} now.`}
      verb="Save and connect"
      input={{ type: 'password' }}
      busy={busy}
      error={error}
      check={(value) => (value === '' ? 'A token is needed.' : undefined)}
      onGive={(value) => void give(value)}
      onClose={onClose}
    />
  );
}

export function MovePortDialog({ gateway, onClose }: RepairDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const give = async (port: number): Promise<void> => {
    const result = await ask('gateway.move', { id: gateway.id, port });
    if (result.ok) onClose();
  };
  return (
    <FieldDialog
      title={`Move ${gateway.name} to another port`}
      sentence="Its window follows. Other programs on this computer look on the old port until they are told."
      label="Port on this computer"
      help="From 1 to 65535. Ports below 1024 often need more rights."
      verb="Move"
      input={{ inputMode: 'numeric' }}
      busy={busy}
      error={error}
      check={checkPort}
      onGive={(value) => void give(toPort(value) ?? 0)}
      onClose={onClose}
    />
  );
}

export function ChooseIdentityDialog({ gateway, onClose }: RepairDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const give = async (file: string): Promise<void> => {
    const result = await ask('gateway.set-identity', { id: gateway.id, file });
    if (result.ok) onClose();
  };
  return (
    <FieldDialog
      title={`Key for ${gateway.name}`}
      sentence={`Gangway offers this key to ${gateway.target ?? gateway.name}, and reads it only when it connects.`}
      label="Private key file"
      help="The path of the file without .pub, such as ~/.ssh/id_ed25519."
      verb="Use this key"
      busy={busy}
      error={error}
      check={(value) => (value === '' ? 'A path is needed.' : undefined)}
      onGive={(value) => void give(value)}
      onClose={onClose}
    />
  );
}
