import { describe, expect, it } from 'vitest';

import type { LineFacts } from './line-facts.ts';
import { gatewayView, lineState } from './line-view.ts';
import { localFacts, sshFacts, tokenRefused, unreachable } from './testing/facts.ts';

const waiting = { status: 'waiting', sinceMs: 2, attempt: 3, retryAtMs: 9, cause: unreachable } as const;
const failed = { status: 'failed', sinceMs: 2, cause: tokenRefused } as const;

describe('the state of a line', () => {
  it.each<[string, Partial<LineFacts>, object]>([
    ['is off when nobody wants it', { wantedSinceMs: undefined }, { status: 'off' }],
    ['connects from the moment it was wanted', { path: { status: 'off' } }, { status: 'connecting', sinceMs: 500 }],
    ['is that of the path while the path is not ready', { path: waiting }, waiting],
    ['is that of the client once the path is ready', { client: failed }, failed],
    ['connects until the first answer came', { samples: [] }, { status: 'connecting', sinceMs: 1_000 }],
    [
      'does not count answers of an earlier session',
      { samples: [{ atMs: 999, ms: 5 }] },
      { status: 'connecting', sinceMs: 1_000 },
    ],
    ['is connected with the last round trip', {}, { status: 'connected', roundTripMs: 23, checkedAtMs: 1_100 }],
    [
      'shows the last answer while one is missing',
      { samples: [...sshFacts.samples, { atMs: 11_100, ms: undefined }] },
      { status: 'connected', roundTripMs: 23, checkedAtMs: 1_100 },
    ],
  ])('%s', (_name, part, expected) => expect(lineState({ ...sshFacts, ...part })).toMatchObject(expected));

  it('is attached where another program started the gateway', () => {
    const path = { status: 'ready', sinceMs: 900, url: 'ws://127.0.0.1:18789', attached: true } as const;
    expect(lineState({ ...localFacts, path }).status).toBe('attached');
  });
});

describe('a line that asks', () => {
  const question = {
    id: 'q',
    kind: 'password',
    askedAtMs: 5,
    host: 'studio',
    user: 'ann',
    attempt: 1,
    wrong: false,
  } as const;

  it('does so at the hop where it signs in', () => {
    const view = gatewayView({ ...sshFacts, path: { status: 'asks', sinceMs: 5, question } });
    expect(view.state).toEqual({ status: 'asks', sinceMs: 5, question });
    const [, ssh, forward] = view.hops;
    expect(ssh).toMatchObject({ state: 'asks', word: 'Asks you', detail: 'for the password of ann@studio' });
    expect(forward).toMatchObject({ state: 'unreached' });
  });
});

describe('the hops', () => {
  const shown = (facts: LineFacts): string[] =>
    gatewayView(facts).hops.map(({ title, state, latencyMs, word }) => `${title}: ${state} ${latencyMs ?? word}`);

  it('share the round trip so that the shares add up to it', () => {
    expect(shown(sshFacts)).toEqual([
      'This computer: here Port 18789',
      'SSH: connected 18',
      'Forward: connected 1',
      'Gateway: connected 4',
      'Exposure: unreached Set there',
    ]);
  });

  it.each([
    [{ sshMs: 30, forwardMs: 40 }, [23, 0, 0]],
    [{ sshMs: 10, forwardMs: 8 }, [10, 0, 13]],
    [{ sshMs: 10, forwardMs: undefined }, [10, 0, 13]],
    [{ sshMs: undefined, forwardMs: undefined }, [undefined, undefined, 23]],
    [{ sshMs: undefined, forwardMs: 19 }, [undefined, 19, 4]],
    [{ sshMs: undefined, forwardMs: 40 }, [undefined, 23, 0]],
  ])('never give a share below nothing: %j', (probe, expected) => {
    const ssh = { ...sshFacts.ssh!, probe: { atMs: 1, ...probe } };
    const { hops } = gatewayView({ ...sshFacts, ssh });
    expect(hops.slice(1, 4).map(({ latencyMs }) => latencyMs)).toEqual(expected);
  });

  it('name the one that failed, and reach none behind it', () => {
    expect(shown({ ...sshFacts, path: waiting })).toEqual([
      'This computer: here Port 18789',
      'SSH: waiting No answer',
      'Forward: unreached Not reached',
      'Gateway: unreached Not reached',
      'Exposure: unreached Set there',
    ]);
    expect(shown({ ...sshFacts, client: failed }).slice(1, 4)).toEqual([
      'SSH: connected Connected',
      'Forward: connected Connected',
      'Gateway: failed Token refused',
    ]);
  });

  it('say what the forward misses when SSH is well', () => {
    const cause = { code: 'ssh/forward-refused', params: { host: 'studio', address: '127.0.0.1:18789' } } as const;
    expect(shown({ ...sshFacts, path: { ...waiting, cause } }).slice(1, 3)).toEqual([
      'SSH: connected Connected',
      'Forward: waiting Nothing listens',
    ]);
  });

  it('say how many connections are held', () => {
    const view = gatewayView({ ...sshFacts, ssh: { ...sshFacts.ssh!, held: 3 }, path: waiting });
    expect(view.hops[0]?.detail).toBe('holding 3 connections');
  });

  it('are three on this computer, with nobody else reaching it', () => {
    expect(shown(localFacts)).toEqual(['This computer: here Port 18789', 'Gateway: connected 1', 'Exposure: off Off']);
  });
});

it('does not show what an earlier gateway said about itself while the line is off', () => {
  expect(gatewayView({ ...sshFacts, wantedSinceMs: undefined }).facts).toBeUndefined();
});
