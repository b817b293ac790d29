import { expect, it } from 'vitest';

import { AppError, type ErrorInfo } from '../../contract/errors.ts';
import { toForwardRefusal, toSystemSshFailure } from './system-failure.ts';

const site = { name: 'studio', host: '10.0.0.5', port: 2222, user: 'ann', tried: ['id_ed25519'], greeting: '' };
const hostKey = { keyType: 'ssh-ed25519', fingerprint: 'SHA256:C/euMdg9DXrncnX1G/uvHHKVntlHSvYoUSRfKZGUwAk' };
const unreachable = (reason: string) => ({ code: 'ssh/host-unreachable', params: { reason, host: 'studio' } });

/** What OpenSSH 9.2 wrote, word for word, and what it means. */
const CASES: readonly (readonly [string, Partial<Record<keyof ErrorInfo, unknown>>])[] = [
  [
    'ssh: Could not resolve hostname nosuch.invalid: Name or service not known',
    { code: 'ssh/host-unknown', params: { host: 'nosuch.invalid' } },
  ],
  ['ssh: connect to host 127.0.0.1 port 1: Connection refused', unreachable('refused')],
  ['ssh: connect to host 10.0.0.5 port 22: No route to host', unreachable('no-route')],
  ['ssh: connect to host 10.0.0.5 port 22: Network is unreachable', unreachable('no-route')],
  ['ssh: connect to host 10.0.0.5 port 22: Connection timed out', unreachable('timeout')],
  ['Connection timed out during banner exchange\nConnection to 10.255.255.1 port 22 timed out', unreachable('timeout')],
  [
    'kex_exchange_identification: read: Connection reset by peer\nConnection reset by 10.0.0.5 port 22',
    unreachable('reset'),
  ],
  [
    'Not allowed at this time\nkex_exchange_identification: Connection closed by remote host\nConnection closed by 127.0.0.1 port 22',
    unreachable('throttled'),
  ],
  [
    'No ED25519 host key is known for [127.0.0.1]:21422 and you have requested strict checking.\nHost key verification failed.',
    { code: 'ssh/host-key-unknown', params: { host: 'studio', ...hostKey } },
  ],
  [
    [
      '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
      'The fingerprint for the ED25519 key sent by the remote host is',
      'SHA256:C/euMdg9DXrncnX1G/uvHHKVntlHSvYoUSRfKZGUwAk.',
      'Offending ED25519 key in /ann/.ssh/known hosts:12',
      'Host key for [127.0.0.1]:21422 has changed and you have requested strict checking.',
      'Host key verification failed.',
    ].join('\n'),
    { code: 'ssh/host-key-changed', params: { file: '/ann/.ssh/known hosts', line: 12, ...hostKey } },
  ],
  [
    [
      '@       WARNING: REVOKED HOST KEY DETECTED!               @',
      'The ED25519 host key for [127.0.0.1]:21422 is marked as revoked.',
      'Host key verification failed.',
    ].join('\n'),
    { code: 'ssh/host-key-revoked', params: { host: 'studio', fingerprint: hostKey.fingerprint } },
  ],
  ['Host key verification failed.', { code: 'ssh/handshake-failed' }],
  [
    'root@127.0.0.1: Permission denied (publickey,keyboard-interactive).',
    { code: 'ssh/auth-rejected', params: { host: 'studio', user: 'ann', tried: ['id_ed25519'] } },
  ],
  [
    'Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\nDisconnected from 127.0.0.1 port 22',
    { code: 'ssh/auth-rejected' },
  ],
  [
    'Unable to negotiate with 127.0.0.1 port 21422: no matching host key type found. Their offer: ssh-ed25519',
    {
      code: 'ssh/handshake-failed',
      params: { host: 'studio', problem: 'the two share no host key type; it offers ssh-ed25519' },
    },
  ],
  [
    [
      "Permissions 0644 for '/ann/id' are too open.",
      'This private key will be ignored.',
      'Load key "/ann/id": bad permissions',
      'root@127.0.0.1: Permission denied (publickey,keyboard-interactive).',
    ].join('\n'),
    {
      code: 'ssh/identity-unreadable',
      params: { file: '/ann/id', problem: 'others may read it, so ssh ignores it' },
    },
  ],
  [
    'Warning: Identity file /nosuch not accessible: No such file or directory.\nroot@127.0.0.1: Permission denied (publickey).',
    { code: 'ssh/identity-unreadable', params: { file: '/nosuch', problem: 'No such file or directory' } },
  ],
  [
    'Load key "/ann/id": error in libcrypto\nroot@127.0.0.1: Permission denied (publickey,keyboard-interactive).',
    { code: 'ssh/identity-unreadable', params: { file: '/ann/id', problem: 'error in libcrypto' } },
  ],
  [
    'command-line: line 0: Bad configuration option: logverbose',
    { code: 'ssh/system-ssh-unusable', params: { problem: 'it does not know the option logverbose' } },
  ],
  [
    '/ann/.ssh/config: line 1: Bad configuration option: nosuch\n/ann/.ssh/config: terminating, 1 bad configuration options',
    {
      code: 'ssh/config-unreadable',
      params: { file: '/ann/.ssh/config', problem: 'line 1: Bad configuration option: nosuch' },
    },
  ],
  [
    "Can't open user config file /nosuch: No such file or directory",
    { code: 'ssh/config-unreadable', params: { file: '/nosuch', problem: 'No such file or directory' } },
  ],
  [
    '/bin/bash: line 1: exec: cloudflared: not found\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535',
    { code: 'ssh/proxy-failed', params: { host: 'studio', words: '/bin/bash: line 1: exec: cloudflared: not found' } },
  ],
  [
    'unix_listener: cannot bind to path /nonexistent/x: No such file or directory\nCould not request local forwarding.',
    { code: 'ssh/system-ssh-unusable', params: { problem: 'it could not listen for us' } },
  ],
  ['', { code: 'ssh/handshake-failed', params: { host: 'studio', problem: 'ssh ended without a word' } }],
  [
    'Something new\u001B[31m',
    { code: 'ssh/handshake-failed', params: { host: 'studio', problem: 'Something new [31m' } },
  ],
];

it.each(CASES)('%j', (text, expected) => {
  const failure = toSystemSshFailure({ lines: text === '' ? [] : text.split('\n'), hostKey }, site);
  expect(failure).toBeInstanceOf(AppError);
  expect(failure.info).toMatchObject(expected);
});

it.each([
  ['connect failed: Connection refused', 'ssh/forward-refused'],
  ['resource shortage', 'ssh/forward-refused'],
  ['administratively prohibited: open failed', 'ssh/forward-prohibited'],
  ['unknown channel type: unsupported channel type', 'ssh/forward-prohibited'],
])('a forward that is not opened: %j', (reason, code) => {
  expect(toForwardRefusal(reason, { name: 'studio', address: '127.0.0.1:1' }).info.code).toBe(code);
});
