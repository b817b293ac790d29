import { expect, it } from 'vitest';

import type { Ingress } from '../server/ingress.ts';
import { addressKey, ClientKeys } from './client-key.ts';

const ingress: Ingress = {
  peer: '192.0.2.1',
  client: '192.0.2.1',
  listener: { kind: 'bind', bind: 'lan', address: '0.0.0.0' },
  isLoopbackPeer: false,
  host: undefined,
  isLocalHost: false,
  isOwnHost: false,
  origin: undefined,
  isLocal: false,
  isForwarded: false,
  isUnattributed: false,
  routeFault: undefined,
  arrival: undefined,
};
const page = { ...ingress, client: '127.0.0.1', isLoopbackPeer: true };

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::1', '::1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['fd7a:115c:a1e0::7', 'fd7a:115c:a1e0::7'],
  ['', ''],
])('counts %s as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

it('gives nobody new attempts for another Origin', () => {
  const keys = new ClientKeys();
  const remote = (origin: string) => keys.of({ ...ingress, origin });
  expect(remote('http://one.example')).toBe(remote('http://two.example'));
  const local = Array.from({ length: 100 }, (_, index) => keys.of({ ...page, origin: `http://localhost:${index}` }));
  expect(new Set(local).size).toBe(17);
});

it('keeps a page of this computer apart from the programs on it', () => {
  const keys = new ClientKeys();
  expect(keys.of({ ...page, origin: 'http://localhost:3000' })).not.toBe(keys.of(page));
  expect(keys.of({ ...page, client: '203.0.113.7', isForwarded: true, origin: 'http://x' })).toBe('203.0.113.7');
});
