import { useState, type ReactNode } from 'react';

import type {
  ExposureChange,
  ExposureMode,
  ExposureRequest,
  LocalExposure,
} from '../../../src-main/contract/exposure.ts';
import { FUNNEL_PORTS } from '../../../src-main/contract/exposure.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { CheckList } from './CheckList.tsx';
import { MODE_NAME, OPEN_FOR, USUALLY_OPEN_FOR } from './exposure-words.ts';
import { usePlan } from './use-plan.ts';

interface PlanPreviewProps {
  readonly mode: ExposureMode;
  readonly exposure: LocalExposure;
  readonly busy: boolean;
  /** Everything is left as it is. */
  readonly onKeep: () => void;
  readonly onApply: (request: ExposureRequest) => void;
}

/** What a wish needs and changes, before anything is changed. */
export function PlanPreview({ mode, exposure, busy, onKeep, onApply }: PlanPreviewProps): ReactNode {
  const { wish, access } = exposure;
  const [port, setPort] = useState(wish.port);
  const [openForMs, setOpenFor] = useState<number | undefined>(USUALLY_OPEN_FOR);
  const { plan, look } = usePlan({ mode, port, of: `${access.auth} ${wish.mode}` });
  const isReady = plan?.ok === true && plan.value.checks.every(({ fault }) => fault === undefined);
  const forMs = mode === 'funnel' && openForMs !== undefined ? { forMs: openForMs } : {};
  return (
    <>
      <div className="cols plan" aria-busy={plan === undefined}>
        {mode === 'off' ? undefined : (
          <div>
            <h3>Before {MODE_NAME[mode]} can start</h3>
            <Checks plan={plan} onPort={setPort} />
          </div>
        )}
        <div className="stack">
          <h3>What will change</h3>
          <Changes plan={plan} />
          {mode === 'off' ? undefined : <PortChoice port={port} own={wish.port} onChoose={setPort} />}
          {mode === 'funnel' ? <TimeChoice chosen={openForMs} onChoose={setOpenFor} /> : undefined}
        </div>
      </div>
      <footer className="row end decide">
        <span className="grow meta">{promise(mode, wish.mode)}</span>
        {isReady || plan === undefined || mode === 'off' ? undefined : (
          <button type="button" className="btn" onClick={look}>
            Look again
          </button>
        )}
        <Decision
          mode={mode}
          current={wish.mode}
          busy={busy}
          ready={isReady || mode === 'off'}
          onKeep={onKeep}
          onApply={() => onApply({ mode, port, ...forMs })}
        />
      </footer>
    </>
  );
}

interface DecisionProps {
  readonly mode: ExposureMode;
  readonly current: ExposureMode;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly onKeep: () => void;
  readonly onApply: () => void;
}

/** The safe answer is the primary one: leaving it as it is, or closing it. */
function Decision({ mode, current, busy, ready, onKeep, onApply }: DecisionProps): ReactNode {
  const verb = { off: 'Close it', serve: 'Open to my tailnet', funnel: 'Open to the internet' }[mode];
  const doing = mode === 'off' ? 'Closing' : 'Opening';
  return (
    <>
      <button type="button" className={mode === 'off' ? 'btn' : 'btn primary'} disabled={busy} onClick={onKeep}>
        {current === 'off' ? 'Keep it closed' : `Keep ${MODE_NAME[current]}`}
      </button>
      <button
        type="button"
        className={{ off: 'btn primary', serve: 'btn', funnel: 'btn danger' }[mode]}
        disabled={busy || !ready}
        onClick={onApply}
      >
        {busy ? doing : verb}
      </button>
    </>
  );
}

function promise(mode: ExposureMode, current: ExposureMode): string {
  if (mode === 'off') return 'Routes of other programs are left alone.';
  const was = current === 'off' ? 'it stays closed' : `${MODE_NAME[current]} is put back as it is now`;
  return `If any step fails, ${was}.`;
}

interface ChecksProps {
  readonly plan: ReturnType<typeof usePlan>['plan'];
  readonly onPort: (port: number) => void;
}

function Checks({ plan, onPort }: ChecksProps): ReactNode {
  if (plan === undefined) {
    return (
      <p className="row soft looking" role="status">
        <Glyph name="connecting" state="connecting" />
        Looking at Tailscale
      </p>
    );
  }
  return plan.ok ? <CheckList plan={plan.value} onPort={onPort} /> : <Notice error={plan.error} />;
}

const CHANGE_NAMES: Readonly<Record<ExposureChange['what'], string>> = {
  route: 'Route',
  'sign-in': 'Sign-in',
  kept: 'Kept',
};

function Changes({ plan }: Pick<ReturnType<typeof usePlan>, 'plan'>): ReactNode {
  if (plan?.ok !== true) return <p className="soft">Known once it was looked.</p>;
  const { changes } = plan.value;
  if (changes.length === 0) return <p className="soft">Nothing.</p>;
  return (
    <dl className="diff">
      {changes.map(({ what, before, after }) => (
        <div key={`${what} ${before} ${after}`}>
          <dt>{CHANGE_NAMES[what]}</dt>
          {what === 'kept' ? (
            <dd>{after ?? before}</dd>
          ) : (
            <dd>
              {before === undefined ? undefined : <del>{before}</del>}
              {after === undefined ? undefined : <ins>{after}</ins>}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

interface PortChoiceProps {
  readonly port: number;
  readonly own: number;
  readonly onChoose: (port: number) => void;
}

function PortChoice({ port, own, onChoose }: PortChoiceProps): ReactNode {
  const ports = [...new Set([...FUNNEL_PORTS, own, port])].toSorted((a, b) => a - b);
  return (
    <div className="field">
      <span className="label" id="exposure-port">
        On port
      </span>
      <fieldset className="seg fit" role="radiogroup" aria-labelledby="exposure-port">
        {ports.map((each) => (
          <label key={each}>
            <input type="radio" name="exposure-port" checked={each === port} onChange={() => onChoose(each)} />
            {each}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

interface TimeChoiceProps {
  readonly chosen: number | undefined;
  readonly onChoose: (ms: number | undefined) => void;
}

function TimeChoice({ chosen, onChoose }: TimeChoiceProps): ReactNode {
  return (
    <div className="field">
      <span className="label" id="exposure-time">
        Close again after
      </span>
      <fieldset className="seg fit" role="radiogroup" aria-labelledby="exposure-time">
        {OPEN_FOR.map(({ ms, label }) => (
          <label key={label}>
            <input type="radio" name="exposure-time" checked={ms === chosen} onChange={() => onChoose(ms)} />
            {label}
          </label>
        ))}
      </fieldset>
      <span className="help">
        {chosen === undefined
          ? 'It stays open until somebody closes it, or Gangway quits.'
          : 'Closed on time even if Gangway or this computer restarts.'}
      </span>
    </div>
  );
}
