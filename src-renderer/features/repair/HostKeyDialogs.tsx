import { useState, type ReactNode } from 'react';

import type { HostKeyOwner, HostKeyTrust } from '../../../src-main/contract/calls.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { useAsk } from '../../stores/app-context.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { showKeyCommand } from './host-key-text.ts';
import { KeyPrint } from './KeyPrint.tsx';

interface HostKeyDialogProps<C extends 'ssh/host-key-unknown' | 'ssh/host-key-changed'> {
  readonly owner: HostKeyOwner;
  readonly cause: ErrorInfo<C>;
  readonly onClose: () => void;
}

/** A computer that was never met: its key is shown, and nothing is trusted that was not seen. */
export function TrustHostKeyDialog({ owner, cause, onClose }: HostKeyDialogProps<'ssh/host-key-unknown'>): ReactNode {
  const { busy, error, decide } = useDecision(owner, cause.params.fingerprint, onClose);
  const { host, keyType, fingerprint, authority } = cause.params;
  return (
    <Dialog
      title={`Is this ${host}?`}
      sentence={`Gangway has never met this computer. Compare the fingerprint with the one ${host} shows.`}
      glyph="info"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" disabled={busy} onClick={() => decide('once')}>
            Trust once
          </button>
          <button type="button" className="btn" disabled={busy} onClick={() => decide('always')}>
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
      {authority === undefined ? undefined : (
        <p className="soft wrap-any">
          Your known_hosts ({authority}) vouches for {host} by a certificate authority. Gangway checks keys, not
          certificates, so this key has to be compared once.
        </p>
      )}
      <p className="soft">Once is until Gangway quits, and is written nowhere.</p>
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

/** A computer that shows another key than the known one. Replacing it takes a second, deliberate act. */
export function CompareHostKeysDialog({
  owner,
  cause,
  onClose,
}: HostKeyDialogProps<'ssh/host-key-changed'>): ReactNode {
  const { busy, error, decide } = useDecision(owner, cause.params.fingerprint, onClose);
  const [compared, setCompared] = useState(false);
  const { host, keyType, fingerprint, knownKeyType = keyType, knownFingerprint, file, line } = cause.params;
  return (
    <Dialog
      title={`${host} shows a different key`}
      sentence={`Either ${host} was reinstalled, or another machine answers in its place. Nothing was sent. The line stays stopped until you decide.`}
      glyph="failed"
      onClose={onClose}
      footer={
        <>
          {line === undefined ? undefined : (
            <button type="button" className="btn" disabled={!compared || busy} onClick={() => decide('replace')}>
              Replace the known key
            </button>
          )}
          <button type="button" className="btn primary" data-first="" onClick={onClose}>
            Stay stopped
          </button>
        </>
      }
    >
      <KeyPrint from="Known" keyType={knownKeyType} fingerprint={knownFingerprint} />
      <KeyPrint from="Shown now" keyType={keyType} fingerprint={fingerprint} />
      <OnThatComputer host={host} keyType={keyType} />
      {line === undefined ? undefined : (
        <>
          <label className="check">
            <input type="checkbox" checked={compared} onChange={(event) => setCompared(event.target.checked)} />
            <span>I compared the fingerprint that is shown now with the one on {host} itself</span>
          </label>
          <p className="soft wrap-any">
            Replacing changes line {line} of <code>{file}</code>, and any other line that names another key for {host},
            for {host} alone. A copy of the file is kept beside it.
          </p>
        </>
      )}
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

function useDecision(owner: HostKeyOwner, fingerprint: string, onDone: () => void) {
  const { busy, error, ask } = useAsk();
  const decide = async (how: HostKeyTrust): Promise<void> => {
    const result = await ask('gateway.trust-host-key', { ...owner, fingerprint, how });
    if (result.ok) onDone();
  };
  return { busy, error, decide: (how: HostKeyTrust) => void decide(how) };
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
