import type { GatewayView, LineState } from '../contract/snapshot.ts';
import { hopsOf } from './hops.ts';
import type { LineFacts } from './line-facts.ts';
import type { PathState } from './path.ts';
import { reachOf } from './reach.ts';

type ReadyPath = Extract<PathState, { status: 'ready' }>;

export function gatewayView(facts: LineFacts): GatewayView {
  const { identity, wantedSinceMs, url, ssh, gateway, samples, exposure } = facts;
  const state = lineState(facts);
  return {
    ...identity,
    wanted: wantedSinceMs === undefined ? 'down' : 'up',
    state,
    url,
    hops: hopsOf(facts, state),
    facts: state.status === 'off' ? undefined : gateway,
    samples,
    ...(ssh !== undefined && ssh.forwards.length > 0 && { forwards: ssh.forwards }),
    reach: reachOf(facts),
    ...(exposure !== undefined && { exposure }),
  };
}

/** The state of the whole line: that of the first part of it that is not well. */
export function lineState(facts: LineFacts): LineState {
  const { wantedSinceMs, path } = facts;
  if (wantedSinceMs === undefined) return { status: 'off' };
  if (path.status === 'off') return { status: 'connecting', sinceMs: wantedSinceMs, attempt: 1 };
  if (path.status !== 'ready') return path;
  return clientState(facts, path);
}

function clientState({ client, samples }: LineFacts, path: ReadyPath): LineState {
  switch (client.status) {
    case 'waiting':
    case 'failed':
      return client;
    case 'open': {
      const last = samples.findLast(({ atMs, ms }) => ms !== undefined && atMs >= client.sinceMs);
      if (last?.ms === undefined) return { status: 'connecting', sinceMs: client.sinceMs, attempt: 1 };
      const status = path.attached ? 'attached' : 'connected';
      return { status, sinceMs: client.sinceMs, checkedAtMs: last.atMs, roundTripMs: last.ms };
    }
    case 'opening':
      return { status: 'connecting', sinceMs: client.sinceMs, attempt: client.attempt };
    case 'stopped':
    case 'closing':
      return { status: 'connecting', sinceMs: path.sinceMs, attempt: 1 };
  }
}
