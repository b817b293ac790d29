import { describe, expect, it } from 'vitest';

import { isPassingAuthError, toForwardFailure, toSshFailure } from './ssh-failure.ts';

const site = { name: 'studio', host: '10.0.0.7', port: 22, user: 'ann', tried: ['id_ed25519'], greeting: '' };
const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const socketError = (code: string) => error(`connect ${code} 10.0.0.7:22`, { code, level: 'client-socket' });
const unreachable = (reason: string) => ({
  code: 'ssh/host-unreachable',
  params: { host: 'studio', port: 22, reason },
});
const handshake = (problem: string) => ({ code: 'ssh/handshake-failed', params: { host: 'studio', problem } });

// Messages and fields as ssh2 1.17.0, OpenSSH 9.2 and 10.0, and Node 24 give them.
describe('an error while connecting', () => {
  it.each([
    [socketError('ECONNREFUSED'), unreachable('refused')],
    [socketError('ETIMEDOUT'), unreachable('timeout')],
    [socketError('EHOSTUNREACH'), unreachable('no-route')],
    [socketError('ENETUNREACH'), unreachable('no-route')],
    [socketError('EADDRNOTAVAIL'), unreachable('no-route')],
    [socketError('ECONNRESET'), unreachable('reset')],
    [socketError('EPIPE'), unreachable('reset')],
    [socketError('ESOMETHING'), unreachable('reset')],
    [
      error('getaddrinfo ENOTFOUND x', { code: 'ENOTFOUND' }),
      { code: 'ssh/host-unknown', params: { host: '10.0.0.7' } },
    ],
    [
      error('getaddrinfo EAI_AGAIN x', { code: 'EAI_AGAIN' }),
      { code: 'ssh/host-unknown', params: { host: '10.0.0.7' } },
    ],
    [error('Connection lost before handshake', { level: 'protocol', fatal: true }), unreachable('reset')],
    [error('Too many connections', { code: 12 }), unreachable('throttled')],
    [
      error('Handshake failed: no matching C->S cipher', { level: 'handshake', fatal: true }),
      { code: 'ssh/no-common-algorithm', params: { host: 'studio', what: 'cipher' } },
    ],
    [
      error('Handshake failed: no matching key exchange algorithm', { level: 'handshake' }),
      { code: 'ssh/no-common-algorithm', params: { host: 'studio', what: 'key exchange' } },
    ],
    [
      error('Handshake failed: no matching host key format', { level: 'handshake' }),
      { code: 'ssh/no-common-algorithm', params: { host: 'studio', what: 'host key type' } },
    ],
    [
      error('Handshake failed: signature verification failed', { level: 'handshake' }),
      handshake('signature verification failed'),
    ],
    [error('Invalid identification string'), handshake('what answers there is not an SSH server')],
    [error('Header line too long'), handshake('what answers there is not an SSH server')],
    [error('\u001B[31mowned\n', { code: 2 }), handshake('[31mowned')],
    [error('', { code: 11 }), handshake('the server ended it')],
    [
      error('Too many authentication failures', { code: 2 }),
      { code: 'ssh/auth-rejected', params: { host: 'studio', user: 'ann', tried: ['id_ed25519'] } },
    ],
    [undefined, handshake('the server ended it')],
  ])('%s', (given, info) => {
    expect(toSshFailure(given, site).info).toEqual(info);
  });

  it('is about the network where a host that is on file speaks no SSH', () => {
    const known = { ...site, isKnown: true };
    expect(toSshFailure(error('Invalid identification string'), known).info).toEqual(unreachable('not-ssh'));
    const cutOff = error('Connection lost before handshake', { level: 'protocol', fatal: true });
    expect(toSshFailure(cutOff, { ...known, greeting: 'HTTP/1.1 302 Found\r\n' }).info).toEqual(unreachable('not-ssh'));
    expect(toSshFailure(cutOff, { ...known, greeting: 'Welcome\r\nSSH-2.0-x\r\n' }).info).toEqual(unreachable('reset'));
  });

  it.each(['Not allowed at this time\r\n', 'Exceeded MaxStartups\r\n'])('after the greeting %j', (greeting) => {
    const lost = error('Connection lost before handshake', { level: 'protocol' });
    expect(toSshFailure(lost, { ...site, greeting }).info).toEqual(unreachable('throttled'));
  });
});

describe('an error while opening a channel', () => {
  const where = { name: 'studio', address: '127.0.0.1:18789' };
  it.each([
    [error('(SSH) Channel open failure: Connection refused', { reason: 2 }), 'ssh/forward-refused'],
    [error('(SSH) Channel open failure: open failed', { reason: 1 }), 'ssh/forward-prohibited'],
    [error('(SSH) Channel open failure: ', { reason: 3 }), 'ssh/forward-prohibited'],
    [error('(SSH) Channel open failure: ', { reason: 4 }), 'ssh/forward-refused'],
    [error('No response from server'), 'ssh/connection-lost'],
    [error('Not connected'), 'ssh/connection-lost'],
  ])('%s', (given, code) => {
    expect(toForwardFailure(given, where).info.code).toBe(code);
  });
});

it.each([
  [error('Failed to sign data with agent', { level: 'agent' }), true],
  [error('Error signing data with key: x', { level: 'client-authentication' }), true],
  [error('All configured authentication methods failed', { level: 'client-authentication' }), false],
  [socketError('ECONNRESET'), false],
])('knows whether ssh2 goes on by itself after: %s', (given, passes) => {
  expect(isPassingAuthError(given)).toBe(passes);
});
