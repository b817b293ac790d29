import { useEffect, useState, type ReactNode } from 'react';

import { describeError, type ErrorInfo } from '../../src-main/contract/errors.ts';
import { Field } from '../ui/Field.tsx';
import { Glyph } from '../ui/Glyph.tsx';
import { Notice } from '../ui/Notice.tsx';
import { countdown, secondsUntil } from '../ui/time-text.ts';

interface SignInProps {
  readonly host: string;
  readonly busy: boolean;
  /** Why the last token was not enough. */
  readonly cause: ErrorInfo | undefined;
  readonly onSignIn: (token: string) => void;
}

/** Asks for the token of the gateway that served this page. It is kept in this tab only. */
export function SignIn({ host, busy, cause, onSignIn }: SignInProps): ReactNode {
  const [missing, setMissing] = useState(false);
  const lockedFor = useLockout(cause);
  const submit = (form: HTMLFormElement): void => {
    const token = form.querySelector('input')?.value.trim() ?? '';
    setMissing(token === '');
    if (token !== '') onSignIn(token);
  };
  return (
    <main className="alone">
      <form
        className="card stack s4"
        aria-labelledby="sign-in"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <div>
          <h1 id="sign-in">Sign in</h1>
          <p className="soft wrap-any">
            to the gateway at <b>{host}</b>
          </p>
        </div>
        <div role="alert">{cause === undefined ? undefined : <Refusal cause={cause} lockedFor={lockedFor} />}</div>
        <Field
          label="Token or password"
          name="token"
          help="As it is set on that gateway. It stays in this tab and is forgotten when you close it."
          problem={missing ? 'A token is needed.' : undefined}
          input={{ type: 'password', autoFocus: true, onInput: () => setMissing(false) }}
        />
        <div className="row">
          <button type="submit" className="btn primary" disabled={busy || lockedFor > 0}>
            Sign in
          </button>
          <SignInState busy={busy} lockedFor={lockedFor} />
        </div>
      </form>
    </main>
  );
}

function SignInState({ busy, lockedFor }: { readonly busy: boolean; readonly lockedFor: number }): ReactNode {
  if (lockedFor > 0) return <span className="soft">possible again in {countdown(lockedFor)}</span>;
  if (!busy) return undefined;
  return (
    <span className="row soft slow" role="status">
      <Glyph name="connecting" state="connecting" />
      Connecting
    </span>
  );
}

function Refusal({ cause, lockedFor }: { readonly cause: ErrorInfo; readonly lockedFor: number }): ReactNode {
  if (cause.code === 'gateway/rate-limited' && lockedFor === 0) return undefined;
  if (cause.code !== 'gateway/token-mismatch') return <Notice error={cause} />;
  // Its usual text speaks of a token that was stored; here one was just typed.
  return (
    <div className="noticebox">
      <div className="notice" data-s="failed">
        <Glyph name="failed" state="failed" />
        <div>
          <div className="what">{describeError(cause).title}</div>
          <div className="why">
            It is not the one set there. After several wrong ones the gateway locks this address out.
          </div>
        </div>
      </div>
    </div>
  );
}

/** Seconds until the gateway listens again; nothing when it is not a lockout. */
function useLockout(cause: ErrorInfo | undefined): number {
  const untilMs = cause?.code === 'gateway/rate-limited' ? cause.params.retryAtMs : 0;
  const [nowMs, setNowMs] = useState(() => Date.now());
  const seconds = secondsUntil(untilMs, nowMs);
  useEffect(() => {
    if (untilMs <= Date.now()) return undefined;
    const timer = setInterval(() => {
      setNowMs(Date.now());
      if (Date.now() >= untilMs) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [untilMs]);
  return seconds;
}
