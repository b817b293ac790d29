import { describe, expect, it } from 'vitest';

import { readHello, readPresence } from './hello-facts.ts';

describe('hello-ok', () => {
  it('gives version, start and who is connected', () => {
    const hello = readHello(
      {
        protocol: 4,
        server: { version: '2026.9.6', connId: 'c' },
        snapshot: {
          uptimeMs: 5_000,
          presence: [{ host: 'studio', mode: 'gateway', version: '2026.9.6', ts: 3, reason: 'self', unknown: {} }],
        },
      },
      10_000,
    );
    expect(hello).toEqual({
      version: '2026.9.6',
      protocol: 4,
      startedAtMs: 5_000,
      presence: [{ id: 'studio-0', label: 'studio', detail: 'the gateway itself, 2026.9.6', sinceMs: 3 }],
    });
  });

  it.each([undefined, 'text', {}, { server: 7, snapshot: { presence: 'no', uptimeMs: -1 } }])(
    'is read without throwing from %j',
    (odd) => expect(readHello(odd, 10)).toMatchObject({ version: 'unknown', presence: [] }),
  );
});

describe('presence', () => {
  it('is read from an event, from an answer, and not from anything else', () => {
    expect(readPresence({ presence: [{ host: 'a' }] })).toHaveLength(1);
    expect(readPresence([{ host: 'a' }, { host: 'b' }])).toHaveLength(2);
    expect(readPresence({ other: 1 })).toBeUndefined();
  });

  it('leaves out who has gone', () => {
    expect(readPresence([{ host: 'a', reason: 'disconnect' }])).toEqual([]);
  });
});
