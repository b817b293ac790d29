import { describeError, type ErrorCode, type ErrorInfo } from '../contract/errors.ts';
import type { ExposureState, GatewayAccess } from '../contract/exposure.ts';
import { askedFor } from '../contract/question.ts';
import type { HopName, HopView, LineState } from '../contract/snapshot.ts';
import { causeOf, type LineFacts } from './line-facts.ts';
import { HOW, listensTo, wayOf } from './reach.ts';

const ORDER: Readonly<Record<'local' | 'ssh' | 'direct', readonly HopName[]>> = {
  local: ['here', 'gateway', 'exposure'],
  ssh: ['here', 'ssh', 'forward', 'gateway', 'exposure'],
  direct: ['here', 'gateway', 'exposure'],
};

const TITLES: Readonly<Record<HopName, string>> = {
  here: 'This computer',
  ssh: 'SSH',
  forward: 'Forward',
  gateway: 'Gateway',
  exposure: 'Exposure',
};

/** The stations from this computer to the gateway and to whoever else can reach it, in order. */
export function hopsOf(facts: LineFacts, state: LineState): readonly HopView[] {
  const hops = ORDER[facts.identity.kind];
  const active = activeHop(facts, state);
  const activeAt = active === undefined ? hops.length : hops.indexOf(active);
  return hops.map((hop, at) => {
    if (hop === 'exposure') return exposureHop(facts);
    if (state.status === 'off') return station(hop, { state: 'off', word: 'Off', detail: '' });
    if (at > activeAt) return station(hop, { state: 'unreached', word: 'Not reached', detail: '' });
    if (at === activeAt && active !== undefined) return activeView(hop, facts, state);
    return hop === 'here' ? hereHop(facts) : wellHop(hop, facts, state);
  });
}

/** The hop at which the line is being made or is broken; none when it is well. */
function activeHop({ identity, path }: LineFacts, state: LineState): HopName | undefined {
  const cause = causeOf(state);
  if (cause !== undefined) return hopOfError(cause.code);
  if (state.status === 'asks') return 'ssh';
  if (state.status !== 'connecting') return undefined;
  return path.status === 'ready' || identity.kind !== 'ssh' ? 'gateway' : 'ssh';
}

/** The hop that a failure belongs to, from the family of its code. */
export function hopOfError(code: ErrorCode): HopName {
  if (code.startsWith('ssh/forward-')) return 'forward';
  if (code.startsWith('ssh/')) return 'ssh';
  if (code.startsWith('gateway/port-taken')) return 'here';
  return 'gateway';
}

function activeView(hop: HopName, facts: LineFacts, state: LineState): HopView {
  const cause = causeOf(state);
  if (state.status === 'asks')
    return station(hop, { state: 'asks', word: 'Asks you', detail: `for ${askedFor(state.question)}` });
  if (cause === undefined)
    return station(hop, { state: 'connecting', word: 'Connecting', detail: detailOf(hop, facts) });
  const status = state.status === 'failed' ? 'failed' : 'waiting';
  return station(hop, { state: status, word: faultWord(cause), detail: describeError(cause).title });
}

function hereHop({ identity, url, ssh }: LineFacts): HopView {
  const port = url !== undefined && identity.kind !== 'direct' ? new URL(url).port : undefined;
  const held = ssh?.held ?? 0;
  const detail = held > 0 ? `holding ${held} ${held === 1 ? 'connection' : 'connections'}` : 'for local programs';
  return station('here', { state: 'here', word: port === undefined ? 'Here' : `Port ${port}`, detail });
}

function wellHop(hop: HopName, facts: LineFacts, state: LineState): HopView {
  const latencyMs = state.status === 'connected' || state.status === 'attached' ? shares(facts, state)[hop] : undefined;
  const word = latencyMs === undefined ? 'Connected' : '';
  return { hop, title: TITLES[hop], state: 'connected', latencyMs, word, detail: detailOf(hop, facts) };
}

/** Splits the measured round trip over the hops. Probes are taken at different moments, so each share is bounded. */
function shares(
  { ssh }: LineFacts,
  { roundTripMs }: { readonly roundTripMs: number },
): Partial<Record<HopName, number>> {
  const probe = ssh?.probe;
  if (probe?.sshMs === undefined) return withoutSshShare(probe?.forwardMs, roundTripMs);
  const sshMs = Math.min(probe.sshMs, roundTripMs);
  const forwardMs = Math.min(Math.max(0, (probe.forwardMs ?? probe.sshMs) - probe.sshMs), roundTripMs - sshMs);
  return { ssh: sshMs, forward: forwardMs, gateway: roundTripMs - sshMs - forwardMs };
}

/** The ssh of the system cannot be asked for the SSH hop alone: its share is in that of the forward. */
function withoutSshShare(forwardMs: number | undefined, roundTripMs: number): Partial<Record<HopName, number>> {
  if (forwardMs === undefined) return { gateway: roundTripMs };
  const share = Math.min(forwardMs, roundTripMs);
  return { forward: share, gateway: roundTripMs - share };
}

function detailOf(hop: HopName, { ssh, gateway }: LineFacts): string {
  switch (hop) {
    case 'ssh':
      return [ssh?.server, ssh?.signedInWith].filter(Boolean).join(', ');
    case 'forward':
      return ssh === undefined ? '' : `to ${ssh.remote}`;
    case 'gateway':
      return gateway === undefined ? '' : `${gateway.version}, protocol ${gateway.protocol}`;
    case 'here':
    case 'exposure':
      return '';
  }
}

function exposureHop({ identity, path, exposure }: LineFacts): HopView {
  const ours = identity.kind === 'local' && !(path.status === 'ready' && path.attached);
  if (!ours) return station('exposure', { state: 'unreached', word: 'Set there', detail: 'not ours to see' });
  const open = exposure && (routeHop(exposure.state) ?? bindHop(exposure.access));
  return open ?? station('exposure', { state: 'off', word: 'Off', detail: 'nobody else' });
}

/** What a route of Tailscale makes of it. */
function routeHop(state: ExposureState): HopView | undefined {
  switch (state.status) {
    case 'off':
      return undefined;
    case 'opening':
      return station('exposure', { state: 'connecting', word: 'Opening', detail: SEEN_BY[state.mode] });
    case 'closing':
      return station('exposure', { state: 'connecting', word: 'Closing', detail: SEEN_BY[state.mode] });
    case 'active': {
      const detail = new URL(state.url).host;
      return state.mode === 'funnel'
        ? station('exposure', { state: 'public', word: 'Public', detail })
        : station('exposure', { state: 'exposed', word: 'Tailnet', detail });
    }
    case 'waiting':
    case 'failed':
      return station('exposure', { state: state.status, word: 'Not open', detail: describeError(state.cause).title });
  }
}

const SEEN_BY = { off: 'nobody else', serve: 'your tailnet', funnel: 'the internet' };

/** What the address it listens at makes of it. */
function bindHop(access: GatewayAccess): HopView | undefined {
  const to = listensTo(access);
  if (to === 'here' || to === 'nowhere') return undefined;
  const word = to === 'tailnet' ? 'Tailnet' : 'LAN';
  return station('exposure', { state: 'exposed', word, detail: HOW[wayOf(access)] });
}

/** A station that shows a word in the place of a figure. */
function station(hop: HopName, view: Pick<HopView, 'state' | 'word' | 'detail'>): HopView {
  return { hop, title: TITLES[hop], latencyMs: undefined, ...view };
}

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'ssh/host-unknown': 'Name unknown',
  'ssh/connection-lost': 'Lost',
  'ssh/option-unsupported': 'Other engine',
  'ssh/no-common-algorithm': 'No agreement',
  'ssh/proxy-failed': 'No way there',
  'ssh/handshake-failed': 'No agreement',
  'ssh/host-key-unknown': 'Key not known',
  'ssh/host-key-changed': 'Key changed',
  'ssh/host-key-revoked': 'Key revoked',
  'ssh/host-key-in-system-file': 'Key changed',
  'ssh/no-credentials': 'No key',
  'ssh/identity-unreadable': 'Key unusable',
  'ssh/auth-rejected': 'Not accepted',
  'ssh/answer-needed': 'No answer given',
  'ssh/agent-silent': 'Agent silent',
  'ssh/password-expired': 'Password expired',
  'ssh/forward-refused': 'Nothing listens',
  'ssh/forward-prohibited': 'Not allowed',
  'gateway/no-tailnet-address': 'Waits',
  'gateway/port-taken': 'Port taken',
  'gateway/port-taken-by-gateway': 'Port taken',
  'gateway/silent': 'Silent',
  'gateway/starting': 'Starting',
  'gateway/state-in-use': 'State in use',
  'gateway/state-unwritable': 'Cannot write',
  'gateway/state-damaged': 'State damaged',
  'gateway/state-newer': 'State is newer',
  'gateway/crashed': 'Stopped',
  'gateway/crash-loop': 'Keeps stopping',
  'gateway/certificate-invalid': 'Bad certificate',
  'gateway/token-missing': 'No token',
  'gateway/token-mismatch': 'Token refused',
  'gateway/rate-limited': 'Locked out',
  'gateway/pairing-required': 'Not approved',
  'gateway/protocol-mismatch': 'Other protocol',
};

const REASONS = {
  refused: 'Refused',
  timeout: 'No answer',
  'no-route': 'No route',
  reset: 'Cut off',
  throttled: 'Throttled',
  'not-ssh': 'Not an SSH server',
  'unknown-name': 'Name unknown',
};

function faultWord(cause: ErrorInfo): string {
  if (cause.code === 'ssh/host-unreachable' || cause.code === 'gateway/unreachable')
    return REASONS[cause.params.reason];
  return WORDS[cause.code] ?? 'Failed';
}
