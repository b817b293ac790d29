import type { PickupPlan } from '../../src-main/contract/calls.ts';
import { testPlan, type TestReport, type TestStepResult } from '../../src-main/contract/connection-test.ts';
import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import { askedFor, type SignInQuestion } from '../../src-main/contract/question.ts';
import {
  LOCAL_GATEWAY,
  type GatewayId,
  type GatewayView,
  type HopView,
  type LineState,
  type Sample,
  type Snapshot,
  type TimelineEvent,
} from '../../src-main/contract/snapshot.ts';
import type { ForwardState } from '../../src-main/contract/tunnel.ts';

/** The moment at which every fixture is looked at. */
export const NOW = Date.UTC(2026, 10, 23, 14, 32, 20);

const at = (hours: number, minutes: number, seconds = 0): number => Date.UTC(2026, 10, 23, hours, minutes, seconds);

export const STUDIO = 'g-studio' as GatewayId;

/** 15 minutes of round trips around 23 ms; the last `lost` ones without an answer. */
export function samples(lost = 0, medianMs = 23): readonly Sample[] {
  return Array.from({ length: 90 }, (_sample, index) => {
    const wave = Math.sin(index * 1.7) * 0.12 + Math.sin(index * 0.37) * 0.1 + (index % 23 === 7 ? 0.7 : 0);
    const atMs = NOW - 4_000 - (89 - index) * 10_000;
    return index >= 90 - lost ? { atMs, ms: undefined } : { atMs, ms: medianMs * (1 + wave) };
  });
}

const CONNECTED: LineState = { status: 'connected', sinceMs: at(14, 3), checkedAtMs: NOW - 4_000, roundTripMs: 23.2 };

const hop = (name: HopView['hop'], title: string, rest: Partial<HopView>): HopView => ({
  hop: name,
  title,
  state: 'connected',
  latencyMs: undefined,
  word: '',
  detail: '',
  ...rest,
});

const HERE = hop('here', 'This computer', { state: 'here', word: 'Port 18789', detail: 'for local programs' });
const SSH = hop('ssh', 'SSH', { latencyMs: 18.4, detail: 'studio:22, agent key' });
const FORWARD = hop('forward', 'Forward', { latencyMs: 0.9, detail: 'to 127.0.0.1:18789' });
const GATEWAY = hop('gateway', 'Gateway', { latencyMs: 3.9, detail: '2026.9.6, protocol 4' });
const OFF_LIMITS = hop('exposure', 'Exposure', { state: 'unreached', word: 'Set there', detail: 'not ours to see' });
const CLOSED = hop('exposure', 'Exposure', { state: 'off', word: 'Off', detail: 'nobody else' });

const unreached = (of: HopView): HopView => ({
  ...of,
  state: 'unreached',
  latencyMs: undefined,
  word: 'Not reached',
  detail: '',
});

export const studio: GatewayView = {
  id: STUDIO,
  name: 'Studio',
  kind: 'ssh',
  flag: { pattern: 1, hue: 1 },
  target: 'studio',
  wanted: 'up',
  state: CONNECTED,
  url: 'ws://127.0.0.1:18789',
  hops: [HERE, SSH, FORWARD, GATEWAY, OFF_LIMITS],
  facts: {
    version: '2026.9.6',
    protocol: 4,
    startedAtMs: NOW - 6 * 86_400_000,
    presence: [
      { id: 'a', label: 'laptop', detail: 'Gangway on laptop, program', sinceMs: at(14, 3) },
      { id: 'b', label: 'laptop', detail: 'openclaw CLI, 2026.9.6', sinceMs: at(14, 30) },
      { id: 'c', label: 'studio-browser', detail: 'node, browser', sinceMs: NOW - 6 * 86_400_000 },
      { id: 'd', label: 'studio', detail: 'the gateway itself, 2026.9.6', sinceMs: NOW - 6 * 86_400_000 },
    ],
  },
  samples: samples(),
  reach: {
    headline: 'This computer reaches Studio over SSH.',
    detail:
      'It connects over SSH, and offers it to programs on this computer only. Who else can reach Studio is set there.',
  },
};

const OFF: Pick<GatewayView, 'wanted' | 'state' | 'url' | 'facts' | 'samples'> = {
  wanted: 'down',
  state: { status: 'off' },
  url: undefined,
  facts: undefined,
  samples: [],
};

export const local: GatewayView = {
  ...studio,
  id: LOCAL_GATEWAY,
  name: 'This computer',
  kind: 'local',
  flag: { pattern: 2, hue: 2 },
  target: undefined,
  state: { ...CONNECTED, sinceMs: at(8, 58), roundTripMs: 0.42 },
  hops: [HERE, { ...GATEWAY, latencyMs: 0.42 }, CLOSED],
  samples: samples(0, 0.4),
  reach: {
    headline: 'Only this computer can reach this gateway.',
    detail: 'It listens on loopback and asks for a token.',
  },
};

const home: GatewayView = {
  ...studio,
  ...OFF,
  id: 'g-home' as GatewayId,
  name: 'Home server',
  kind: 'direct',
  flag: { pattern: 4, hue: 4 },
  target: 'wss://home.tail1f3a.ts.net',
};

const EVENTS: readonly TimelineEvent[] = [
  {
    id: 4,
    atMs: at(14, 3),
    gateway: STUDIO,
    status: 'connected',
    text: 'Studio: back',
    why: 'After: studio does not answer',
  },
  {
    id: 3,
    atMs: at(14, 2, 13),
    gateway: STUDIO,
    status: 'waiting',
    text: 'Studio: line lost',
    why: 'The line to studio was lost',
  },
  {
    id: 2,
    atMs: at(9, 12),
    gateway: STUDIO,
    status: 'connected',
    text: 'Studio: connected over SSH',
    why: 'The host key matches known_hosts',
  },
  {
    id: 1,
    atMs: at(8, 58) - 86_400_000 * 2,
    gateway: undefined,
    status: 'connected',
    text: 'Gateway started',
    why: 'It listens on 127.0.0.1:18789',
  },
];

export function snapshot(part: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 1,
    app: { version: '0.1.0', computer: 'laptop', startedAtMs: at(8, 58) },
    use: STUDIO,
    gateways: [{ ...local, ...OFF }, studio, home],
    problems: [],
    events: EVENTS,
    ...part,
  };
}

/** Studio in another state, with the hop that is at fault. */
export function studioIn(state: LineState, fault: HopView['hop'] = 'ssh', word = 'Failed'): Snapshot {
  const { status } = state;
  const down = status === 'failed' || status === 'waiting' || status === 'asks' ? status : 'connecting';
  const order = studio.hops.map((each) => each.hop);
  const hops = studio.hops.map((each, index) => {
    const atFault = order.indexOf(fault);
    if (index < atFault) return { ...each, latencyMs: undefined, word: each.hop === 'here' ? each.word : 'Connected' };
    if (index > atFault) return each.hop === 'exposure' ? each : unreached(each);
    return {
      ...each,
      state: down,
      latencyMs: undefined,
      word,
      detail: state.status === 'asks' ? `for ${askedFor(state.question)}` : 'studio did not answer for 10 s',
    } satisfies HopView;
  });
  const gateway: GatewayView = {
    ...studio,
    facts: undefined,
    state,
    hops,
    samples: samples(down === 'connecting' ? 0 : 5),
  };
  return snapshot({ gateways: [{ ...local, ...OFF }, gateway, home] });
}

export const waiting = studioIn(
  {
    status: 'waiting',
    sinceMs: NOW - 42_000,
    attempt: 5,
    retryAtMs: NOW + 12_000,
    cause: { code: 'ssh/host-unreachable', params: { host: 'studio', port: 22, reason: 'timeout' } },
  },
  'ssh',
  'No answer',
);

export const connecting = studioIn({ status: 'connecting', sinceMs: NOW - 2_000, attempt: 1 }, 'ssh', 'Connecting');

const ASKED = { id: 'q-1', askedAtMs: NOW - 3_000, host: 'studio', user: 'ada', attempt: 1, wrong: false } as const;

export const PASSPHRASE: SignInQuestion = {
  ...ASKED,
  kind: 'passphrase',
  file: '/User/ada/.ssh/id_ed25519',
  key: 'id_ed25519',
  fingerprint: 'SHA256:NuIoaicVk5O0YUYBMQ+OWElhirEPbd4AtE+HRO5dtQM',
};

export const PASSWORD: SignInQuestion = { ...ASKED, kind: 'password' };

export const CODES: SignInQuestion = {
  ...ASKED,
  kind: 'prompts',
  title: 'Two steps',
  instruction: 'Use the card you got from the front desk.\nA code was sent to your phone.',
  prompts: [
    { text: 'Card number:', echo: true },
    { text: 'Verification code: ', echo: false },
  ],
  expiresAtMs: NOW + 97_000,
};

export function asking(question: SignInQuestion): Snapshot {
  return studioIn({ status: 'asks', sinceMs: question.askedAtMs, question }, 'ssh', 'Asks you');
}

export function failedWith(cause: ErrorInfo, fault: HopView['hop'] = 'ssh', word = 'Failed'): Snapshot {
  return studioIn({ status: 'failed', sinceMs: at(14, 2), cause }, fault, word);
}

export const KNOWN_FINGERPRINT = 'SHA256:NuIoaicVk5O0YUYBMQ+OWElhirEPbd4AtE+HRO5dtQM';
export const OTHER_FINGERPRINT = 'SHA256:Rf9L2ilEyHu6FsuxxP5l+ksneO4+LEdo3AAnahcy4fM';

export const hostKeyUnknown = failedWith(
  { code: 'ssh/host-key-unknown', params: { host: 'studio', keyType: 'ssh-ed25519', fingerprint: KNOWN_FINGERPRINT } },
  'ssh',
  'Key not known',
);

/** A known_hosts that vouches for the host by a certificate authority. */
export const hostKeyCertified = failedWith(
  {
    code: 'ssh/host-key-unknown',
    params: {
      host: 'studio',
      keyType: 'ssh-ed25519',
      fingerprint: KNOWN_FINGERPRINT,
      authority: '/User/ada/.ssh/known_hosts, line 2',
    },
  },
  'ssh',
  'Key not known',
);

const changedKey = (line: number | undefined): Snapshot =>
  failedWith(
    {
      code: 'ssh/host-key-changed',
      params: {
        host: 'studio',
        keyType: 'ssh-ed25519',
        fingerprint: OTHER_FINGERPRINT,
        knownFingerprint: KNOWN_FINGERPRINT,
        file: '/User/ada/.ssh/known_hosts',
        line,
      },
    },
    'ssh',
    'Key changed',
  );

export const hostKeyChanged = changedKey(12);

/** The known key is the one that was looked at a moment ago. */
export const hostKeySwapped = changedKey(undefined);

const pairs = (first: string): string =>
  [first, ...Array.from({ length: 31 }, (_, index) => `${index + 10}`)].join(':');
export const TRUSTED_CERTIFICATE = pairs('A7');
export const OTHER_CERTIFICATE = pairs('3F');
const GATEWAY_URL = 'wss://studio.local:18789';

export const certificateUnknown = failedWith(
  {
    code: 'gateway/certificate-invalid',
    params: {
      url: GATEWAY_URL,
      problem: 'it is not signed by anybody this computer trusts',
      fingerprint: TRUSTED_CERTIFICATE,
    },
  },
  'gateway',
  'Bad certificate',
);

export const certificateChanged = failedWith(
  {
    code: 'gateway/certificate-changed',
    params: { url: GATEWAY_URL, fingerprint: OTHER_CERTIFICATE, pinned: TRUSTED_CERTIFICATE },
  },
  'gateway',
  'Other certificate',
);

export const notEncrypted = failedWith(
  { code: 'gateway/insecure-url', params: { url: 'ws://192.168.1.20:18789', isPublic: false } },
  'gateway',
  'Not encrypted',
);

export const tokenRefused = failedWith(
  { code: 'gateway/token-mismatch', params: { gateway: 'Studio' } },
  'gateway',
  'Token refused',
);

export const unapproved = failedWith(
  { code: 'gateway/pairing-required', params: { gateway: 'Studio', requestId: 'r-1' } },
  'gateway',
  'Not approved',
);

/** What a pickup would run on studio. */
export const pickupPlan: PickupPlan = {
  user: 'ada',
  host: 'studio',
  commands: [
    `exec "$SHELL" -lc 'gangway gateway token --json'`,
    `exec "$SHELL" -lc 'openclaw dashboard --no-open --json'`,
  ],
  deviceId: undefined,
};

export const approvalPlan: PickupPlan = {
  ...pickupPlan,
  commands: [
    `exec "$SHELL" -lc 'openclaw devices list --json'`,
    `exec "$SHELL" -lc 'openclaw devices approve r-1 --json'`,
  ],
  deviceId: '7f3a9c1e5b2d4f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8',
};

export const keyRefused = failedWith(
  { code: 'ssh/auth-rejected', params: { host: 'studio', user: 'ada', tried: ['id_ed25519'] } },
  'ssh',
  'Key refused',
);

export const portTaken = failedWith(
  {
    code: 'gateway/port-taken',
    params: { port: 18_789, holder: { pid: 4127, program: 'node' }, suggestedPort: 19_389 },
  },
  'here',
  'Port taken',
);

export const gatewayThere = snapshot({
  use: LOCAL_GATEWAY,
  gateways: [
    {
      ...local,
      facts: undefined,
      samples: [],
      state: {
        status: 'failed',
        sinceMs: at(14, 2),
        cause: {
          code: 'gateway/port-taken-by-gateway',
          params: {
            port: 18_789,
            holder: { pid: 4127, program: 'node' },
            version: '2026.9.6',
            suggestedPort: 19_389,
          },
        },
      },
      hops: [
        { ...HERE, state: 'failed', word: 'Port taken', detail: 'A gateway already listens' },
        unreached(GATEWAY),
        CLOSED,
      ],
    },
  ],
});

export const lockedOut = studioIn(
  {
    status: 'waiting',
    sinceMs: NOW - 50_000,
    attempt: 1,
    retryAtMs: NOW + 250_000,
    cause: { code: 'gateway/rate-limited', params: { gateway: 'Studio', retryAtMs: NOW + 249_000 } },
  },
  'gateway',
  'Locked out',
);

export const onThisComputer = snapshot({
  use: LOCAL_GATEWAY,
  gateways: [local, { ...studio, ...OFF }, home],
  events: [
    {
      id: 1,
      atMs: at(8, 58),
      gateway: LOCAL_GATEWAY,
      status: 'connected',
      text: 'Gateway started',
      why: 'It listens on 127.0.0.1:18789',
    },
  ],
});

export const off = snapshot({ use: undefined, gateways: [{ ...local, ...OFF }, { ...studio, ...OFF }, home] });

/** A fresh start: nothing was added, nothing has happened. */
export const empty = snapshot({ use: undefined, gateways: [{ ...local, ...OFF }], events: [] });

export const withProblems = snapshot({
  problems: [
    {
      code: 'settings/key-invalid',
      params: {
        file: '/User/ada/.gangway/settings.json',
        line: 7,
        key: 'local.port',
        expected: 'a number from 1 to 65535',
      },
    },
    {
      code: 'config/key-unknown',
      params: { file: '/User/ada/.gangway/gateway.json5', line: 3, key: 'gateway.tailscael' },
    },
  ],
});

const PLAN = testPlan('ssh');
const MS = [1.2, 12.4, 31, 18.6, 4.1, 6.7, 5.2, 9.9] as const;
const FOUND = [
  'studio is 192.168.1.20',
  'studio:22',
  `ssh-ed25519 ${KNOWN_FINGERPRINT}`,
  'ada with id_ed25519',
  '127.0.0.1:18789 over there',
  'it is alive, version 2026.9.6',
  'version 4',
  'accepted',
  'done, or not asked for',
] as const;

/** A test of Studio whose first `count` steps went well. */
export function testReport(count: number, end?: ErrorInfo): Omit<TestReport, 'run'> {
  const well = PLAN.slice(0, count).map((step, index): TestStepResult => {
    return { step, status: 'ok', ms: MS[index], found: FOUND[index] ?? '' };
  });
  const failedAt = PLAN[count];
  if (end === undefined || failedAt === undefined) {
    return { plan: PLAN, results: well, status: count === PLAN.length ? 'done' : 'running' };
  }
  const failed: TestStepResult = { step: failedAt, status: 'failed', ms: 7.3, found: '', cause: end };
  const rest = PLAN.slice(count + 1).map((step): TestStepResult => {
    return { step, status: 'skipped', ms: undefined, found: 'not tried' };
  });
  return { plan: PLAN, results: [...well, failed, ...rest], status: 'done' };
}

/** What a failed snapshot of Studio failed with. */
export function causeIn({ gateways, use }: Snapshot): ErrorInfo {
  const state = gateways.find(({ id }) => id === use)?.state;
  if (state === undefined || !('cause' in state)) throw new TypeError('nothing has failed');
  return state.cause;
}

const ahead = (remotePort: number) => ({ localPort: remotePort + 1_000, remoteHost: '127.0.0.1', remotePort });

const FORWARDS: readonly ForwardState[] = [
  { ...ahead(18_790), status: 'ready' },
  {
    ...ahead(5_432),
    status: 'failed',
    cause: { code: 'ssh/service-refused', params: { host: 'studio', address: '127.0.0.1:5432' } },
  },
  { ...ahead(8_080), status: 'waiting' },
];

/** The gateway in use carries further ports: one is well, one fails, one waits. */
export function withForwards(forwards = FORWARDS): Snapshot {
  const shown = snapshot();
  const gateways = shown.gateways.map((gateway) => (gateway.id === STUDIO ? { ...gateway, forwards } : gateway));
  return { ...shown, gateways };
}
