import type { ReactNode } from 'react';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { showKeyCommand } from './host-key-text.ts';
import { KeyPrint } from './KeyPrint.tsx';

interface HostKeyDialogProps<C extends 'ssh/host-key-unknown' | 'ssh/host-key-changed'> {
  readonly gateway: GatewayView;
  readonly cause: ErrorInfo<C>;
  readonly onClose: () => void;
}

/** A computer that was never met: its key is shown, and nothing is trusted that was not seen. */
export function TrustHostKeyDialog({ gateway, cause, onClose }: HostKeyDialogProps<'ssh/host-key-unknown'>): ReactNode {
  const { busy, error, ask } = useAsk();
  const { host, keyType, fingerprint } = cause.params;
  const trust = async (): Promise<void> => {
    const result = await ask('gateway.trust-host-key', { id: gateway.id, fingerprint });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      title={`Is this ${host}?`}
      sentence={`Gangway has never met this computer. Compare the fingerprint with the one ${host} shows.`}
      glyph="info"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" disabled={busy} onClick={() => void trust()}>
            Trust and remember
          </button>
          <button type="button" className="btn primary" data-first="" onClick={onClose}>
            Stay stopped
          </button>
        </>
      }
    >
      <KeyPrint from={host} keyType={keyType} fingerprint={fingerprint} />
      <OnThatComputer host={host} keyType={keyType} />
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

/** A computer that shows another key than the known one. This window has no button to accept it. */
export function CompareHostKeysDialog({ cause, onClose }: HostKeyDialogProps<'ssh/host-key-changed'>): ReactNode {
  const { host, keyType, fingerprint, knownFingerprint, file, line } = cause.params;
  return (
    <Dialog
      title={`${host} shows a different key`}
      sentence={`Either ${host} was reinstalled, or another machine answers in its place. Nothing was sent. The line stays stopped until you decide.`}
      glyph="failed"
      onClose={onClose}
      footer={
        <button type="button" className="btn primary" data-first="" onClick={onClose}>
          Stay stopped
        </button>
      }
    >
      <KeyPrint from="Known" keyType={keyType} fingerprint={knownFingerprint} />
      <KeyPrint from="Shown now" keyType={keyType} fingerprint={fingerprint} />
      <OnThatComputer host={host} keyType={keyType} />
      <p className="soft wrap-any">
        The known key is {line === undefined ? 'to be written to' : `line ${line} of`} <code>{file}</code>. If the new
        fingerprint is the one {host} shows, remove that line and try now: Gangway then asks whether to trust the new
        key.
      </p>
    </Dialog>
  );
}

function OnThatComputer({ host, keyType }: { readonly host: string; readonly keyType: string }): ReactNode {
  const command = showKeyCommand(keyType);
  return (
    <div className="field">
      <span className="meta">On {host}, run</span>
      <div className="code">
        <span>{command}</span>
        <CopyButton quiet text={command} label="Copy" />
      </div>
    </div>
  );
}
