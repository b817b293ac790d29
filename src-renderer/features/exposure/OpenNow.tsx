import type { ReactNode } from 'react';

import { afterClosing, type ExposureState, type LocalExposure } from '../../../src-main/contract/exposure.ts';
import { useAct, useApp, useNow } from '../../stores/app-context.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { QrCode } from '../../ui/QrCode.tsx';
import { moment } from '../../ui/time-text.ts';
import { keyName } from '../shell/keys.ts';
import { shareLeft, timeGiven, timeLeft, visitorRow, visitorSum } from './exposure-words.ts';

type Active = Extract<ExposureState, { status: 'active' }>;

interface OpenNowProps {
  readonly exposure: LocalExposure;
  readonly state: Active;
}

/** What is open: the address, for how long, and who has come. */
export function OpenNow({ exposure, state }: OpenNowProps): ReactNode {
  const isFunnel = state.mode === 'funnel';
  return (
    <div className="cols plan">
      <div className="stack s4">
        {isFunnel ? <FunnelTime exposure={exposure} state={state} /> : <ServeAddress state={state} />}
      </div>
      <Visitors exposure={exposure} />
    </div>
  );
}

function ServeAddress({ state }: { readonly state: Active }): ReactNode {
  const act = useAct();
  return (
    <>
      <h3>Reach it at</h3>
      <Address url={state.url} open />
      <div className="row">
        <button type="button" className="btn primary" onClick={() => void act('exposure.apply', { mode: 'off' })}>
          Close now
        </button>
      </div>
    </>
  );
}

function FunnelTime({ exposure, state }: OpenNowProps): ReactNode {
  const { apple } = useApp();
  const act = useAct();
  const { untilMs } = exposure.wish;
  const then = afterClosing(exposure);
  return (
    <>
      {untilMs === undefined ? <StaysOpen /> : <Countdown sinceMs={state.sinceMs} untilMs={untilMs} />}
      <div className="row">
        <button type="button" className="btn primary" onClick={() => void act('exposure.apply', { mode: then })}>
          Close now <kbd aria-hidden>{keyName('.', apple)}</kbd>
        </button>
        {untilMs === undefined ? undefined : (
          <button type="button" className="btn" onClick={() => void act('exposure.extend', undefined)}>
            Add 15 min
          </button>
        )}
      </div>
      <p className="meta">
        {then === 'serve' ? 'Then back to Serve, as it was.' : 'Then only this computer can reach it.'}
      </p>
      <Address url={state.url} />
    </>
  );
}

function StaysOpen(): ReactNode {
  return (
    <div>
      <h3>Public until somebody closes it</h3>
      <p className="soft">Nothing closes it by itself but the end of Gangway.</p>
    </div>
  );
}

/** The figure is read aloud when somebody goes there, and not each second. */
function Countdown({ sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number }): ReactNode {
  // The page looks at the clock once a second, so it may think that the opening is still to come.
  const nowMs = Math.max(useNow(), sinceMs);
  const share = shareLeft({ sinceMs, untilMs }, nowMs);
  return (
    <div className="timer" role="timer" aria-live="off">
      <h3>Public for another</h3>
      <b>{timeLeft(untilMs, nowMs)}</b>
      <svg className="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden>
        <rect className="bed" width="100" height="1" />
        <rect className="rest" width={100 * share} height="1" />
      </svg>
      <span className="meta">
        of {timeGiven({ sinceMs, untilMs })}, closes at {moment(untilMs, nowMs)}
      </span>
    </div>
  );
}

/** For another device: to paste, or for its camera. */
function Address({ url, open = false }: { readonly url: string; readonly open?: boolean }): ReactNode {
  return (
    <>
      <div className="code">
        <span>{url}</span>
        <CopyButton text={url} label="Copy" />
      </div>
      <details className="more" open={open}>
        <summary>QR code for a telephone</summary>
        <QrCode text={url} />
      </details>
    </>
  );
}

const SHOWN = 8;

function Visitors({ exposure: { visitors, access } }: Pick<OpenNowProps, 'exposure'>): ReactNode {
  const more = visitors.length - SHOWN;
  return (
    <section aria-labelledby="visitors">
      <header className="row apart">
        <h3 id="visitors">Since it opened</h3>
        <span className="meta">{visitorSum(visitors)}</span>
      </header>
      {visitors.length === 0 ? <p className="soft">Nobody has come yet.</p> : undefined}
      <ul className="list inner">
        {visitors.slice(0, SHOWN).map((visitor) => {
          const { key, glyph, who, detail, requests } = visitorRow(visitor, access.auth);
          return (
            <li key={key}>
              <Glyph name={glyph} state={glyph === 'warn' ? 'waiting' : glyph} />
              <span className="grow wrap-any">
                {who}
                <br />
                <span className="meta">{detail}</span>
              </span>
              <span className="num">{requests}</span>
            </li>
          );
        })}
      </ul>
      {more > 0 ? <p className="meta">And {more} more.</p> : undefined}
    </section>
  );
}
