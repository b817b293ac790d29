import { useId, useState, type ReactNode } from 'react';

import { describeError } from '../../../src-main/contract/errors.ts';
import {
  endSentence,
  type ExposureMode,
  type ExposureRequest,
  type ExposureState,
  type LocalExposure,
} from '../../../src-main/contract/exposure.ts';
import { useAct, useAsk, useNow } from '../../stores/app-context.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { countdown, secondsUntil } from '../../ui/time-text.ts';
import { Fix } from './CheckList.tsx';
import { MODE_NAME, sinceWords, undoWords } from './exposure-words.ts';
import { ModeSwitch } from './ModeSwitch.tsx';
import { OpenNow } from './OpenNow.tsx';
import { PlanPreview } from './PlanPreview.tsx';

/** The switch between closed, the tailnet and the internet, and what belongs to the chosen one. */
export function TailscaleCard({ exposure }: { readonly exposure: LocalExposure }): ReactNode {
  const [chosen, choose] = useState<ExposureMode>();
  // Kept here: what is shown below changes while a change is carried out, and its failure must not get lost by that.
  const { busy, error, ask } = useAsk();
  const nowMs = useNow();
  const { wish, state } = exposure;
  const isOther = chosen !== undefined && chosen !== wish.mode;
  const apply = async (request: ExposureRequest): Promise<void> => {
    if ((await ask('exposure.apply', request)).ok) choose(undefined);
  };
  return (
    <section className="card" aria-labelledby="tailscale">
      <header>
        <h2 id="tailscale">Tailscale</h2>
        <span className="meta">{sinceWords(exposure, nowMs)}</span>
      </header>
      <ModeSwitch chosen={chosen ?? wish.mode} current={wish.mode} isOn={state.status === 'active'} onChoose={choose} />
      {isOther ? (
        <PlanPreview
          key={chosen}
          mode={chosen}
          exposure={exposure}
          busy={busy}
          onKeep={() => choose(undefined)}
          onApply={(request) => void apply(request)}
        />
      ) : (
        <>
          <Now exposure={exposure} />
          <Ended exposure={exposure} />
          <Undo exposure={exposure} busy={busy} onUndo={() => void ask('exposure.undo', undefined)} />
        </>
      )}
      <div role="alert">{error === undefined ? undefined : <Notice error={error} />}</div>
    </section>
  );
}

interface UndoProps {
  readonly exposure: LocalExposure;
  readonly busy: boolean;
  readonly onUndo: () => void;
}

/** One click back to what was before the last change. */
function Undo({ exposure, busy, onUndo }: UndoProps): ReactNode {
  const id = useId();
  if (exposure.undo === undefined) return undefined;
  const isOpening = exposure.undo.mode === 'funnel' && exposure.wish.mode !== 'funnel';
  return (
    <footer className="row decide">
      <span className="grow meta" id={id}>
        {undoWords(exposure.undo, exposure)}
      </span>
      <button
        type="button"
        className={isOpening ? 'btn danger' : 'btn'}
        aria-describedby={id}
        disabled={busy}
        onClick={onUndo}
      >
        {busy ? 'Undoing' : 'Undo'}
      </button>
    </footer>
  );
}

/** Why a Funnel is closed though nobody has closed it. */
function Ended({ exposure: { ended } }: { readonly exposure: LocalExposure }): ReactNode {
  if (ended === undefined) return undefined;
  return (
    <p className="plan meta" role="status">
      The Funnel was closed. {endSentence(ended)}
    </p>
  );
}

function Now({ exposure }: { readonly exposure: LocalExposure }): ReactNode {
  const { state } = exposure;
  switch (state.status) {
    case 'off':
      return <Closed />;
    case 'opening':
    case 'closing':
      return (
        <p className="row soft looking" role="status">
          <Glyph name="connecting" state="connecting" />
          {state.status === 'closing' ? 'Giving the route back' : OPENING[state.mode]}
        </p>
      );
    case 'active':
      return <OpenNow exposure={exposure} state={state} />;
    case 'waiting':
    case 'failed':
      return <Down state={state} />;
  }
}

const OPENING: Readonly<Record<ExposureMode, string>> = {
  off: 'Giving the route back',
  serve: 'Opening it to your tailnet; the first certificate takes up to a minute',
  funnel: 'Opening it to the internet; the first certificate takes up to a minute',
};

/** What the choice is about, for whoever sees it for the first time. */
function Closed(): ReactNode {
  return (
    <dl className="facts explain">
      <dt>Serve</dt>
      <dd>
        The devices of your own tailnet reach this gateway at an address with a certificate. Nobody else sees that it is
        there.
      </dd>
      <dt>Funnel</dt>
      <dd>Anyone on the internet does, and needs the password. It closes by itself.</dd>
    </dl>
  );
}

type DownState = Extract<ExposureState, { status: 'waiting' | 'failed' }>;

/** Wanted and not open: why, what happens next, and what a person can do. */
function Down({ state }: { readonly state: DownState }): ReactNode {
  const nowMs = useNow();
  const act = useAct();
  const { title } = describeError(state.cause);
  const next = state.status === 'waiting' ? ` Next try in ${countdown(secondsUntil(state.retryAtMs, nowMs))}.` : '';
  return (
    <div className="stack plan">
      <Notice error={state.cause} />
      <div className="row" role="group" aria-label={title}>
        <Fix fault={state.cause} onPort={(port) => void act('exposure.apply', { mode: state.mode, port })} />
        <button type="button" className="btn primary" onClick={() => void act('exposure.retry', undefined)}>
          Try now
        </button>
        <button type="button" className="btn" onClick={() => void act('exposure.apply', { mode: 'off' })}>
          Keep it closed
        </button>
        <span className="meta">
          {MODE_NAME[state.mode]} is wanted.{next}
        </span>
      </div>
    </div>
  );
}
