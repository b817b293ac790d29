import type { GatewayFacts, PresenceView } from '../../src-main/contract/snapshot.ts';

export interface Greeting {
  readonly facts: GatewayFacts;
  readonly gatewayName: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const figure = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Reads hello-ok of any gateway of protocol 4. Gateways add fields between releases; odd ones count as absent. */
export function readGreeting(hello: unknown, nowMs: number): Greeting {
  const { protocol, server, snapshot } = fields(hello);
  const entries = fields(snapshot)['presence'];
  return {
    facts: {
      version: text(fields(server)['version']) ?? 'unknown',
      protocol: figure(protocol) ?? 4,
      startedAtMs: nowMs - Math.max(0, figure(fields(snapshot)['uptimeMs']) ?? 0),
      presence: readPresence(entries) ?? [],
    },
    gatewayName: nameOf(entries),
  };
}

/** Reads a `presence` event or the answer to `system-presence`; absent when it is neither. */
export function readPresence(payload: unknown): readonly PresenceView[] | undefined {
  const entries = Array.isArray(payload) ? payload : fields(payload)['presence'];
  if (!Array.isArray(entries)) return undefined;
  return entries
    .map(fields)
    .filter((entry) => entry['reason'] !== 'disconnect')
    .map(toPresence);
}

const MODES: Readonly<Record<string, string>> = {
  gateway: 'the gateway itself',
  cli: 'openclaw CLI',
  backend: 'program',
  webchat: 'Control UI',
  ui: 'desktop app',
  node: 'node',
  probe: 'probe',
};

function toPresence(entry: Fields, index: number): PresenceView {
  const host = text(entry['host']);
  const mode = text(entry['mode']);
  const detail = [MODES[mode ?? ''] ?? mode, text(entry['version']), text(entry['ip'])].filter(
    (part) => part !== undefined,
  );
  return {
    id: text(entry['instanceId']) ?? text(entry['deviceId']) ?? `${host ?? 'client'}-${index}`,
    label: host ?? 'A client without a name',
    detail: detail.join(', '),
    sinceMs: figure(entry['ts']),
  };
}

function nameOf(entries: unknown): string | undefined {
  if (!Array.isArray(entries)) return undefined;
  const self = entries.map(fields).find((entry) => entry['mode'] === 'gateway');
  return text(self?.['host']);
}
