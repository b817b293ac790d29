import { describe, expect, it } from 'vitest';

import { readGreeting, readPresence } from './hello-facts.ts';

describe('what a gateway says about itself', () => {
  it('is read from its greeting', () => {
    const hello = {
      protocol: 4,
      server: { version: '2026.9.6' },
      snapshot: {
        uptimeMs: 1_000,
        presence: [
          { host: 'studio', mode: 'gateway', version: '2026.9.6', instanceId: 'self' },
          { host: 'laptop', mode: 'cli', ts: 500, reason: 'disconnect' },
        ],
      },
    };
    expect(readGreeting(hello, 10_000)).toEqual({
      gatewayName: 'studio',
      facts: {
        version: '2026.9.6',
        protocol: 4,
        startedAtMs: 9_000,
        presence: [{ id: 'self', label: 'studio', detail: 'the gateway itself, 2026.9.6', sinceMs: undefined }],
      },
    });
  });

  it.each([undefined, 'text', [], {}, { snapshot: { presence: 'x', uptimeMs: -5 } }, { server: { version: 7 } }])(
    'is neutral where the greeting is odd: %j',
    (hello) => {
      expect(readGreeting(hello, 10_000)).toEqual({
        gatewayName: undefined,
        facts: { version: 'unknown', protocol: 4, startedAtMs: 10_000, presence: [] },
      });
    },
  );
});

describe('presence', () => {
  it.each([[[{ host: 'ipad' }]], [{ presence: [{ host: 'ipad' }] }]])('is read from %j', (payload) => {
    expect(readPresence(payload)).toMatchObject([{ label: 'ipad' }]);
  });

  it('survives clients without a name', () => {
    const [one, two] = readPresence([{}, 'odd']) ?? [];
    expect(one?.label).toBe('A client without a name');
    expect(one?.id).not.toBe(two?.id);
  });

  it.each([undefined, 'text', { clients: [] }])('is not %j', (payload) =>
    expect(readPresence(payload)).toBeUndefined(),
  );
});
