import type { GatewayId, GatewayView, HopView, LineState, Snapshot } from '../../src-main/contract/snapshot.ts';
import type { BrowserLine } from './browser-line.ts';

/** The gateway that served the page: the only one it can reach. */
export const SERVED_GATEWAY = 'served' as GatewayId;

export interface PageFacts {
  readonly version: string;
  readonly startedAtMs: number;
  /** Host and port of the page. */
  readonly host: string;
  /** WebSocket address of the same origin. */
  readonly url: string;
}

/** The same snapshot the app makes, with the one gateway a page can see. */
export function toSnapshot(line: BrowserLine, page: PageFacts): Snapshot {
  return {
    revision: line.revision,
    app: { version: page.version, computer: 'This browser', startedAtMs: page.startedAtMs },
    use: SERVED_GATEWAY,
    gateways: [toGateway(line, page)],
    problems: [],
    events: line.events,
  };
}

function toGateway(line: BrowserLine, page: PageFacts): GatewayView {
  const state = toLineState(line);
  const name = line.gatewayName ?? page.host;
  return {
    id: SERVED_GATEWAY,
    name,
    kind: 'direct',
    flag: { pattern: 1, hue: 1 },
    target: page.url,
    wanted: 'up',
    state,
    url: page.url,
    hops: [hereHop(page), gatewayHop(line, state), EXPOSURE],
    facts: line.facts,
    samples: line.samples,
    reach: {
      headline: `This browser reaches ${name}.`,
      detail: `It is signed in at ${page.host}. Who else can reach it is set on ${name}.`,
    },
  };
}

/** Connected is said only once an answer came back: until then it is still being made. */
function toLineState({ state, samples }: BrowserLine): LineState {
  switch (state.status) {
    case 'signed-out':
      return { status: 'off' };
    case 'connected': {
      const last = samples.findLast(({ atMs, ms }) => ms !== undefined && atMs >= state.sinceMs);
      if (last?.ms === undefined) return { status: 'connecting', sinceMs: state.sinceMs, attempt: 1 };
      return { status: 'connected', sinceMs: state.sinceMs, checkedAtMs: last.atMs, roundTripMs: last.ms };
    }
    case 'connecting':
    case 'waiting':
    case 'failed':
      return state;
  }
}

function hereHop({ host }: PageFacts): HopView {
  return {
    hop: 'here',
    title: 'This browser',
    state: 'here',
    latencyMs: undefined,
    word: 'Here',
    detail: `at ${host}`,
  };
}

function gatewayHop({ facts }: BrowserLine, state: LineState): HopView {
  const said = facts === undefined ? '' : `${facts.version}, protocol ${facts.protocol}`;
  const hop = { hop: 'gateway', title: 'Gateway', latencyMs: undefined, detail: said } as const;
  switch (state.status) {
    case 'connected':
    case 'attached':
      return { ...hop, state: 'connected', word: '', latencyMs: state.roundTripMs };
    case 'connecting':
      return { ...hop, state: 'connecting', word: 'Connecting' };
    // A page asks nobody to sign in over SSH.
    case 'asks':
    case 'waiting':
      return { ...hop, state: 'waiting', word: 'No answer' };
    case 'failed':
      return { ...hop, state: 'failed', word: 'Refused' };
    case 'off':
      return { ...hop, state: 'off', word: 'Off' };
  }
}

const EXPOSURE: HopView = {
  hop: 'exposure',
  title: 'Exposure',
  state: 'unreached',
  latencyMs: undefined,
  word: 'Set there',
  detail: 'not this page’s to see',
};
