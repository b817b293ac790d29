import { describe, expect, it } from 'vitest';

import { listenersOf, tailnetAddressOf } from './listener.ts';

const addresses = (...list: readonly string[]) => list.map((address) => ({ address }));

describe('the tailnet address', () => {
  it.each([
    [{ lo: addresses('127.0.0.1'), tailscale0: addresses('fe80::1', '100.101.102.103') }, '100.101.102.103'],
    [{ utun4: addresses('100.64.0.1', 'fd7a:115c:a1e0::1') }, '100.64.0.1'],
    [{ Tailscale: addresses('fd7a:115c:a1e0::1') }, 'fd7a:115c:a1e0::1'],
    [{ wwan0: addresses('100.64.0.9'), utun4: addresses('fd7a:115c:a1e0::1', '100.127.255.1') }, '100.127.255.1'],
  ])('of %j is %s', (interfaces, address) => {
    expect(listenersOf({ bind: 'tailnet', host: undefined }, () => interfaces)).toEqual([
      { kind: 'bind', bind: 'tailnet', address },
    ]);
  });

  it.each([
    [{ lo: addresses('127.0.0.1') }],
    // A provider's own use of the same range faces the world.
    [{ wwan0: addresses('100.64.0.9') }],
    [{ tailscale0: addresses('fe80::1') }],
    [{ eth0: addresses('100.128.0.1', '100.63.255.255') }],
  ])('is not found in %j', (interfaces) => {
    expect(listenersOf({ bind: 'tailnet', host: '192.0.2.1' }, () => interfaces)).toEqual([]);
  });

  it('may be given, and counts once this computer has it', () => {
    const given = { bind: 'tailnet', host: '100.64.0.7' } as const;
    const listeners = listenersOf(given, () => ({ tailscale0: addresses('100.64.0.8', '100.64.0.7') }));
    expect(listeners).toEqual([{ kind: 'bind', bind: 'tailnet', address: '100.64.0.7' }]);
    expect(listenersOf(given, () => ({ tailscale0: addresses('100.64.0.8') }))).toEqual([]);
  });
});

it.each([
  ['100.64.0.7', { tailscale0: addresses('100.64.0.7', '100.64.0.8') }, '100.64.0.7'],
  ['100.64.0.7', { tailscale0: addresses('100.64.0.8') }, undefined],
  ['192.0.2.1', { tailscale0: addresses('100.64.0.8') }, '100.64.0.8'],
  [undefined, {}, undefined],
])('an address %s that was given is followed in %j to %s', (host, interfaces, expected) => {
  expect(tailnetAddressOf(host, interfaces)).toBe(expected);
});

it.each([
  ['loopback', ['127.0.0.1', '::1']],
  ['lan', ['0.0.0.0']],
  ['custom', ['192.0.2.1']],
] as const)('%s listens on %j', (bind, expected) => {
  expect(listenersOf({ bind, host: '192.0.2.1' }).map(({ address }) => address)).toEqual(expected);
});
