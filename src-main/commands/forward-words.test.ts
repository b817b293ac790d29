import { expect, it } from 'vitest';

import { collectForward, forwardText, parseForward } from './forward-words.ts';

it.each([
  ['8080:127.0.0.1:80', { localPort: 8_080, remoteHost: '127.0.0.1', remotePort: 80 }],
  ['8080:db.local:5432', { localPort: 8_080, remoteHost: 'db.local', remotePort: 5_432 }],
  ['8080:[::1]:80', { localPort: 8_080, remoteHost: '::1', remotePort: 80 }],
  ['8080:80', { localPort: 8_080, remoteHost: '127.0.0.1', remotePort: 80 }],
  ['18790', { localPort: 18_790, remoteHost: '127.0.0.1', remotePort: 18_790 }],
  ['0:127.0.0.1:80', { localPort: 0, remoteHost: '127.0.0.1', remotePort: 80 }],
])('reads %s', (text, forward) => {
  expect(parseForward(text)).toEqual(forward);
});

it.each([
  '',
  'x',
  '8080:',
  ':80',
  '8080:-oProxyCommand=id:80',
  '70000:80',
  '8080:70000',
  '8080:a b:80',
  '8080:0',
  '1:2:3:4',
])('refuses %j', (text) => expect(() => parseForward(text)).toThrow(/LOCAL:HOST:PORT/));

it('refuses a local port that is given twice', () => {
  expect(() => collectForward('8080:80', [parseForward('8080:81')])).toThrow(/twice/);
});

it('says what a forward does, or why it does not', () => {
  const forward = parseForward('8080:[::1]:80');
  expect(forwardText({ ...forward, status: 'ready' })).toBe('127.0.0.1:8080 to [::1]:80');
  const cause = { code: 'ssh/service-refused', params: { host: 'studio', address: '[::1]:80' } } as const;
  expect(forwardText({ ...forward, status: 'failed', cause })).toContain('Nothing listens on [::1]:80 of studio');
});
