import { expect, it } from 'vitest';

import { isLoopbackHost, parseGatewayUrl } from './gateway-url.ts';

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
