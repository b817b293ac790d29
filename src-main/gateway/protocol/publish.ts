import type { Connection } from './connection.ts';

/** Events beside those of the connection layer itself, and what a client must be allowed to hear them. */
export const EVENT_SCOPES = {
  agent: 'operator.read',
  chat: 'operator.read',
  'config.changed': 'operator.read',
  'device.pair.changed': 'operator.pairing',
  'device.pair.requested': 'operator.pairing',
  'device.pair.resolved': 'operator.pairing',
  'node.pair.requested': 'operator.pairing',
  'node.pair.resolved': 'operator.pairing',
  'session.message': 'operator.read',
  'sessions.changed': 'operator.read',
} as const;

export type PublishedEvent = keyof typeof EVENT_SCOPES;

/** Sends an event to every client that may hear it and, if `isMeant` is given, that it is meant for. */
export type Publish = (event: PublishedEvent, payload: unknown, isMeant?: (connId: string) => boolean) => void;

/** Writes the payload once, however many clients there are. */
export function publishTo(connections: () => Iterable<Connection>): Publish {
  return (event, payload, isMeant) => {
    let text: string | undefined;
    for (const connection of connections()) {
      if (!connection.hasScope(EVENT_SCOPES[event]) || isMeant?.(connection.id) === false) continue;
      text ??= JSON.stringify(payload);
      connection.sendWritten(event, text);
    }
  };
}
