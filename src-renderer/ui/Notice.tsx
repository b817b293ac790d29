import type { ReactNode } from 'react';

import { describeError, type ErrorInfo, type UserMessage } from '../../src-main/contract/errors.ts';
import { Glyph } from './Glyph.tsx';

const STATE: Readonly<Record<UserMessage['severity'], string>> = { low: 'off', medium: 'waiting', high: 'failed' };

interface NoticeProps {
  readonly error: ErrorInfo;
  /** What to do, where it is not what the catalogue says. */
  readonly next?: string;
  /** Buttons that fix it. */
  readonly children?: ReactNode;
}

/** What is wrong, why, and what to do, in one box. */
export function Notice({ error, next, children }: NoticeProps): ReactNode {
  const message = describeError(error);
  const { title, body, severity } = message;
  const state = STATE[severity];
  return (
    <div className="noticebox">
      <div className="notice" data-s={state}>
        <Glyph name={severity === 'low' ? 'info' : severity === 'high' ? 'failed' : 'warn'} state={state} />
        <div>
          <div className="what">{title}</div>
          <div className="why">
            {body} {next ?? message.next}
          </div>
        </div>
        {children === undefined ? undefined : <div className="fix">{children}</div>}
      </div>
    </div>
  );
}
