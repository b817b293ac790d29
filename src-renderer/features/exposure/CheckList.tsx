import { useState, type ReactNode } from 'react';

import { describeError, type ErrorInfo } from '../../../src-main/contract/errors.ts';
import { checkName, type ExposurePlan, type PreflightCheck } from '../../../src-main/contract/exposure.ts';
import { useAct } from '../../stores/app-context.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { fixOf } from './check-fix.ts';
import { SetPasswordDialog } from './SetPasswordDialog.tsx';

interface CheckListProps {
  readonly plan: ExposurePlan;
  readonly onPort: (port: number) => void;
}

/** What has to be so, each with what was found, and with its fix where it is not. */
export function CheckList({ plan: { checks, wish }, onPort }: CheckListProps): ReactNode {
  return (
    <div className="checkbox">
      <ol className="checks">
        {checks.map((check) => (
          <li key={check.id} data-s={check.fault === undefined ? 'connected' : 'failed'}>
            <Glyph name={check.fault === undefined ? 'connected' : 'failed'} />
            <span className="name">
              {checkName(check, wish)}
              <span className="sr">{check.fault === undefined ? ', well' : ', not well'}</span>
            </span>
            <Found check={check} />
            {check.fault === undefined ? undefined : (
              <span className="took">
                <Fix fault={check.fault} onPort={onPort} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Found({ check: { found, fault } }: { readonly check: PreflightCheck }): ReactNode {
  if (fault === undefined) return <span className="found">{found}</span>;
  const { body, next } = describeError(fault);
  // What a button does need not be said as well.
  const isSaidByButton = fixOf(fault) !== undefined;
  return (
    <span className="found">
      {body} {isSaidByButton ? undefined : next}
    </span>
  );
}

interface FixProps {
  readonly fault: ErrorInfo;
  readonly onPort: (port: number) => void;
}

/** The link, the command or the button that helps. */
export function Fix({ fault, onPort }: FixProps): ReactNode {
  const [asks, setAsks] = useState(false);
  const act = useAct();
  const fix = fixOf(fault);
  switch (fix?.type) {
    case undefined:
      return undefined;
    case 'link':
      return (
        <a className="btn" href={fix.url} target="_blank" rel="noreferrer">
          {fix.label}
        </a>
      );
    case 'command':
      return (
        <span className="code">
          <span>{fix.command}</span>
          <CopyButton text={fix.command} label="Copy" />
        </span>
      );
    case 'ports':
      return (
        <span className="row">
          {fix.ports.map((port) => (
            <button key={port} type="button" className="btn" onClick={() => onPort(port)}>
              Use port {port}
            </button>
          ))}
        </span>
      );
    case 'listen-here':
      return (
        <button type="button" className="btn" onClick={() => void act('exposure.listen-here', undefined)}>
          Listen here only
        </button>
      );
    case 'password':
      return (
        <>
          <button type="button" className="btn" onClick={() => setAsks(true)}>
            Set a password
          </button>
          {asks ? <SetPasswordDialog onClose={() => setAsks(false)} /> : undefined}
        </>
      );
  }
}
