import { z } from 'zod';

import type { PresenceView } from '../contract/snapshot.ts';

/** What we keep of hello-ok. */
export interface HelloFacts {
  readonly version: string;
  readonly protocol: number;
  readonly startedAtMs: number;
  readonly presence: readonly PresenceView[];
}

// Only what is read; gateways add fields between releases, so unknown keys pass and odd ones are absent.
const PresenceEntry = z.object({
  host: z.string().optional().catch(undefined),
  ip: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  platform: z.string().optional().catch(undefined),
  mode: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  instanceId: z.string().optional().catch(undefined),
  deviceId: z.string().optional().catch(undefined),
  ts: z.number().optional().catch(undefined),
});

const Presence = z.array(PresenceEntry).catch([]);

const Hello = z.object({
  protocol: z.number().catch(4),
  server: z.object({ version: z.string().catch('unknown') }).catch({ version: 'unknown' }),
  snapshot: z
    .object({ presence: Presence, uptimeMs: z.number().nonnegative().catch(0) })
    .catch({ presence: [], uptimeMs: 0 }),
});

/** Reads hello-ok of any gateway of protocol 4. Never throws: a missing figure becomes a neutral one. */
export function readHello(hello: unknown, nowMs: number): HelloFacts {
  const { protocol, server, snapshot } = Hello.catch({
    protocol: 4,
    server: { version: 'unknown' },
    snapshot: { presence: [], uptimeMs: 0 },
  }).parse(hello);
  return {
    version: server.version,
    protocol,
    startedAtMs: nowMs - snapshot.uptimeMs,
    presence: toPresence(snapshot.presence),
  };
}

/** Reads the payload of a `presence` event or the answer to `system-presence`; `undefined` when it is neither. */
export function readPresence(payload: unknown): readonly PresenceView[] | undefined {
  const list = Array.isArray(payload) ? payload : (payload as { presence?: unknown } | undefined)?.presence;
  return Array.isArray(list) ? toPresence(Presence.parse(list)) : undefined;
}

const MODES: Readonly<Record<string, string>> = {
  gateway: 'the gateway itself',
  cli: 'openclaw CLI',
  backend: 'program',
  webchat: 'Control UI',
  ui: 'desktop app',
  node: 'node',
  worker: 'worker',
  probe: 'probe',
  test: 'test',
};

function toPresence(entries: z.infer<typeof Presence>): readonly PresenceView[] {
  return entries
    .filter((entry) => entry.reason !== 'disconnect')
    .map((entry, index) => ({
      id: entry.instanceId ?? entry.deviceId ?? `${entry.host ?? 'unknown'}-${index}`,
      label: entry.host ?? 'A client without a name',
      detail: [MODES[entry.mode ?? ''] ?? entry.mode, entry.version, entry.ip].filter(Boolean).join(', '),
      sinceMs: entry.ts,
    }));
}
