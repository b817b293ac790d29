import type { ErrorInfo } from '../../contract/errors.ts';
import { LOCAL_GATEWAY, type GatewayId } from '../../contract/snapshot.ts';
import type { GatewaySession } from '../../gateway-client/gateway-session.ts';
import type { LineFacts } from '../line-facts.ts';

/** A session that answers everything and is never lost. */
export const idleSession: GatewaySession = {
  hello: { version: '2026.9.6', protocol: 4, startedAtMs: 0, presence: [] },
  lost: new Promise(() => {}),
  request: async () => ({ ok: true }),
  giveUp: () => {},
  close: async () => {},
};

/** A line over SSH to `studio`, connected since 1 s with a round trip of 23 ms. */
export const sshFacts: LineFacts = {
  identity: {
    id: 'g-studio' as GatewayId,
    name: 'Studio',
    kind: 'ssh',
    flag: { pattern: 2, hue: 2 },
    target: 'me@studio',
  },
  wantedSinceMs: 500,
  path: { status: 'ready', sinceMs: 900, url: 'ws://127.0.0.1:18789', attached: false },
  url: 'ws://127.0.0.1:18789',
  ssh: {
    server: 'studio:22',
    signedInWith: 'agent key',
    remote: '127.0.0.1:18789',
    probe: { atMs: 1_000, sshMs: 18, forwardMs: 19 },
    held: 0,
    forwards: [],
  },
  client: { status: 'open', session: idleSession, sinceMs: 1_000 },
  gateway: idleSession.hello,
  samples: [{ atMs: 1_100, ms: 23 }],
  exposure: undefined,
};

/** The embedded gateway, connected with a round trip of 1 ms. */
export const localFacts: LineFacts = {
  ...sshFacts,
  identity: {
    id: LOCAL_GATEWAY,
    name: 'This computer',
    kind: 'local',
    flag: { pattern: 1, hue: 1 },
    target: undefined,
  },
  ssh: undefined,
  samples: [{ atMs: 1_100, ms: 1 }],
};

export const unreachable: ErrorInfo = {
  code: 'ssh/host-unreachable',
  params: { host: 'studio', port: 22, reason: 'timeout' },
};

export const tokenRefused: ErrorInfo = { code: 'gateway/token-mismatch', params: { gateway: 'Studio' } };
