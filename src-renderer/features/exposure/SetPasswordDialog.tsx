import { useCallback, useRef, useState, type ReactNode } from 'react';

import { PASSWORD_MIN_CHARS } from '../../../src-main/contract/exposure.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';

/**
 * A password for whoever comes from elsewhere: typed here, or made by the app and put on the clipboard without this
 * window ever having it.
 */
export function SetPasswordDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { busy, error, ask } = useAsk();
  const [problem, setProblem] = useState<string>();
  const [isCopied, setCopied] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const close = useCallback(() => {
    if (!busy) onClose();
  }, [busy, onClose]);
  const give = async (): Promise<void> => {
    const password = box.current?.querySelector('input')?.value ?? '';
    const found = checkPassword(password);
    setProblem(found);
    if (found !== undefined) return;
    if ((await ask('exposure.set-password', { how: 'typed', password })).ok) onClose();
  };
  const generate = async (): Promise<void> => {
    setProblem(undefined);
    if ((await ask('exposure.set-password', { how: 'generated' })).ok) setCopied(true);
  };
  if (isCopied) return <Copied onClose={onClose} />;
  return (
    <Dialog
      title="Password for this gateway"
      sentence="Everyone who comes from elsewhere signs in with it, and so does every program on this computer from now on. The token no longer counts. It is written to the configuration of the gateway, and one click undoes it."
      glyph="info"
      onClose={close}
      onSubmit={() => void give()}
      footer={
        <>
          <span className="left">
            <button type="button" className="btn quiet" disabled={busy} onClick={() => void generate()}>
              Make one and copy it
            </button>
          </span>
          <button type="button" className="btn" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={busy}>
            {busy ? 'Setting' : 'Set password'}
          </button>
        </>
      }
    >
      <div ref={box}>
        <Field
          first
          label="Password"
          name="password"
          help={`${PASSWORD_MIN_CHARS} characters or more. Several words are easier to type than signs.`}
          problem={problem}
          input={{ type: 'password', autoComplete: 'new-password', onInput: () => setProblem(undefined) }}
        />
      </div>
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

function Copied({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog
      title="The password is on the clipboard"
      sentence="The gateway asks for it from now on. Paste it into your password manager before you copy anything else: Gangway does not show it again."
      glyph="connected"
      onClose={onClose}
      onSubmit={onClose}
      footer={
        <button type="submit" className="btn primary" data-first="">
          I have it
        </button>
      }
    />
  );
}

/** Why a password cannot be used; the same as the app checks. */
export function checkPassword(password: string): string | undefined {
  if (password.length < PASSWORD_MIN_CHARS)
    return `It needs ${PASSWORD_MIN_CHARS} characters or more; these are ${password.length}.`;
  return password.trim() === password ? undefined : 'It must neither begin nor end with a space.';
}
