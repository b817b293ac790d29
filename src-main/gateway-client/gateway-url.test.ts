import { describe, expect, it } from 'vitest';

import { parseGatewayUrl } from './gateway-url.ts';
import { isLoopbackHost, isPrivateAddress, lookupPrivate, PUBLIC_ADDRESS } from './plaintext.ts';

it.each([
  ['ws://127.0.0.1:18789', 'ws://127.0.0.1:18789'],
  ['http://localhost:18789/', 'ws://localhost:18789'],
  ['ws://[::1]:18789/ws', 'ws://[::1]:18789'],
  ['wss://studio.example:8443/any/path', 'wss://studio.example:8443'],
  ['https://studio.example', 'wss://studio.example'],
])('reads %s as %s', (text, expected) => expect(parseGatewayUrl(text)).toBe(expected));

it.each([
  ['ws://192.168.1.5:18789', 'gateway/insecure-url'],
  ['ws://studio.tail1.ts.net', 'gateway/insecure-url'],
  ['ws://127.0.0.1.example.org', 'gateway/insecure-url'],
  ['studio', 'app/input-invalid'],
  ['ftp://studio', 'app/input-invalid'],
  ['wss://me:secret@studio', 'app/input-invalid'],
  ['wss://studio/?token=abc', 'app/input-invalid'],
  ['wss://studio/#token=abc', 'app/input-invalid'],
])('refuses %s', (text, code) => expect(() => parseGatewayUrl(text)).toThrow(code));

it.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['[::1]', true],
  ['LOCALHOST', true],
  ['10.0.0.1', false],
  ['127.evil.example', false],
])('knows whether %s is this computer', (host, expected) => expect(isLoopbackHost(host)).toBe(expected));

describe('in a network that a person trusts', () => {
  it.each([
    'ws://192.168.1.5:18789',
    'ws://10.0.0.1',
    'ws://172.31.0.1',
    'ws://100.64.0.2:18789',
    'ws://[fd7a:115c:a1e0::2]:18789',
    'ws://[fe80::1]',
    'ws://studio.tail1.ts.net',
    'ws://nas',
  ])('%s may be used', (text) => expect(parseGatewayUrl(text, true)).toBe(text));

  it.each([
    'ws://203.0.113.7',
    'ws://172.32.0.1',
    'ws://100.128.0.1',
    'ws://[2001:db8::1]',
    'ws://[::ffff:203.0.113.7]',
  ])('%s may not, for it is no address of such a network', (text) => {
    expect(() => parseGatewayUrl(text, true)).toThrow(
      expect.objectContaining({
        info: { code: 'gateway/insecure-url', params: { url: expect.anything(), isPublic: true } },
      }),
    );
  });

  it.each([
    ['127.0.0.1', true],
    ['169.254.1.1', true],
    ['100.127.255.255', true],
    ['::ffff:10.0.0.1', true],
    ['fe80::1%eth0', true],
    ['8.8.8.8', false],
    ['::ffff:8.8.8.8', false],
    ['2606:4700::1111', false],
    ['studio', false],
  ])('%s is private: %s', (address, expected) => expect(isPrivateAddress(address)).toBe(expected));
});

describe('a name', () => {
  const resolved = (name: string, all: boolean) =>
    new Promise((resolve) => lookupPrivate(name, { all }, (error, address) => resolve(error?.code ?? address)));

  it('that leads to this computer is resolved', async () => {
    expect(['127.0.0.1', '::1']).toContain(await resolved('localhost', false));
    expect(await resolved('localhost', true)).toContainEqual({
      address: expect.any(String) as string,
      family: expect.any(Number) as number,
    });
  });

  it('that leads to a public address is refused', async () => {
    // The resolver of the system takes an address as a name that stands for itself.
    expect(await resolved('203.0.113.7', false)).toBe(PUBLIC_ADDRESS);
    expect(await resolved('203.0.113.7', true)).toBe(PUBLIC_ADDRESS);
  });
});
