import type { ReactNode } from 'react';

import { LOCAL_GATEWAY, type GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp, useNow } from '../../stores/app-context.ts';
import { Badge } from '../../ui/Badge.tsx';
import { FlagMark } from '../../ui/FlagMark.tsx';
import { latency } from '../../ui/latency-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { moment } from '../../ui/time-text.ts';
import { scaleTop, summarize } from '../overview/round-trips.ts';
import { inWords } from '../overview/RoundTripStrip.tsx';
import { Sparkline } from '../overview/Sparkline.tsx';
import { RepairButtons } from '../repair/RepairButtons.tsx';
import { TestButton } from '../repair/TestButton.tsx';
import { keyName } from '../shell/keys.ts';
import { kindWord, stateWord } from '../shell/line-words.ts';

interface GatewayRowProps {
  readonly gateway: GatewayView;
  readonly index: number;
  readonly inUse: boolean;
  readonly onRemove: () => void;
}

export function GatewayRow({ gateway, index, inUse, onRemove }: GatewayRowProps): ReactNode {
  const { state, samples } = gateway;
  const up = state.status === 'connected' || state.status === 'attached';
  return (
    <>
      <tr className={inUse ? 'is-selected' : undefined}>
        <NameCell gateway={gateway} index={index} inUse={inUse} />
        <StateCell gateway={gateway} />
        <td className="hide">
          <span className="wrap-any">{gateway.target ?? 'this computer'}</span>
          {gateway.url === undefined || gateway.kind === 'direct' ? undefined : (
            <div className="meta">local port {new URL(gateway.url).port}</div>
          )}
        </td>
        <td className="hide">
          {samples.length === 0 ? (
            <span className="meta">no samples</span>
          ) : (
            <div className="mini">
              <Sparkline
                samples={samples}
                width={84}
                height={24}
                endMs={samples.at(-1)?.atMs ?? 0}
                topMs={scaleTop(samples)}
                label={inWords(summarize(samples))}
              />
            </div>
          )}
        </td>
        <td className="num c-ms">{up ? latency(state.roundTripMs) : '–'}</td>
        <ActionCell gateway={gateway} inUse={inUse} onRemove={onRemove} />
      </tr>
      {state.status === 'failed' ? (
        <tr className={inUse ? 'sub is-selected' : 'sub'}>
          <td colSpan={6}>
            <Notice error={state.cause}>
              <RepairButtons key={state.cause.code} gateway={gateway} cause={state.cause} small />
            </Notice>
          </td>
        </tr>
      ) : undefined}
    </>
  );
}

function NameCell({ gateway, index, inUse }: Omit<GatewayRowProps, 'onRemove'>): ReactNode {
  const { apple } = useApp();
  return (
    <td className="c-name">
      <div className="named">
        <FlagMark flag={gateway.flag} />
        <span className="wrap-any">
          <b>{gateway.name}</b>{' '}
          {index < 9 ? <kbd className="meta">{keyName(String(index + 1), apple)}</kbd> : undefined}
          <br />
          <span className="meta">{inUse ? `In use. ${kindWord(gateway)}` : kindWord(gateway)}</span>
        </span>
      </div>
    </td>
  );
}

function StateCell({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const nowMs = useNow();
  const { state } = gateway;
  return (
    <td className="c-state">
      <Badge status={state.status}>{state.status === 'waiting' ? 'Waiting' : stateWord(gateway)}</Badge>
      {state.status === 'off' ? undefined : <div className="meta">since {moment(state.sinceMs, nowMs)}</div>}
    </td>
  );
}

function ActionCell({ gateway, inUse, onRemove }: Pick<GatewayRowProps, 'gateway' | 'inUse' | 'onRemove'>): ReactNode {
  const act = useAct();
  const { id, name } = gateway;
  return (
    <td className="c-act">
      <div className="row end">
        <TestButton gateway={gateway} small />
        {inUse ? undefined : <KeepButton gateway={gateway} />}
        {inUse ? undefined : (
          <button
            type="button"
            className="btn"
            aria-label={`Use ${name}`}
            onClick={() => void act('gateway.use', { id })}
          >
            Use
          </button>
        )}
        {id === LOCAL_GATEWAY ? undefined : (
          <button type="button" className="btn quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
    </td>
  );
}

/** A line that is up without being in use is one that is kept. */
function KeepButton({ gateway }: { readonly gateway: GatewayView }): ReactNode {
  const act = useAct();
  const { id, name, wanted } = gateway;
  const isKept = wanted === 'up';
  return (
    <button
      type="button"
      className="btn quiet"
      aria-label={isKept ? `Let ${name} go` : `Keep ${name} connected`}
      title={isKept ? 'It is connected beside the one in use' : 'Connect it beside the one in use'}
      onClick={() => void act('gateway.keep', { id, keep: !isKept })}
    >
      {isKept ? 'Let go' : 'Keep'}
    </button>
  );
}
