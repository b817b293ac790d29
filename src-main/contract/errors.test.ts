import { describe, expect, it } from 'vitest';

import {
  AppError,
  describeError,
  fail,
  toErrorInfo,
  type ErrorCode,
  type ErrorInfo,
  type ErrorParams,
} from './errors.ts';

const holder = { pid: 4127, program: 'nginx' };
const file = '~/.gangway/settings.json';
const url = 'ws://127.0.0.1:18789';
const fault = { file, line: 4, key: 'local.port', expected: 'a port number' };

/** One example of every code. A new code without one does not compile. */
const EXAMPLES: { readonly [C in ErrorCode]: ErrorParams[C] } = {
  'ssh/target-invalid': { target: '-x', problem: 'it begins with a hyphen' },
  'ssh/option-unsupported': { host: 'studio', option: 'ProxyCommand', instead: 'Use the address itself.' },
  'ssh/too-many-jumps': { host: 'studio', jumps: 9 },
  'ssh/no-common-algorithm': { host: 'studio', what: 'cipher' },
  'ssh/system-ssh-unusable': { problem: 'it does not know the option LogVerbose' },
  'ssh/service-refused': { host: 'studio', address: '127.0.0.1:5432' },
  'ssh/proxy-failed': { host: 'studio', words: 'exec: cloudflared: not found' },
  'ssh/config-unreadable': { file, problem: 'it does not exist' },
  'ssh/host-unknown': { host: 'studio' },
  'ssh/host-unreachable': { host: 'studio', port: 22, reason: 'timeout' },
  'ssh/connection-lost': { host: 'studio' },
  'ssh/handshake-failed': { host: 'studio', problem: 'no common cipher' },
  'ssh/host-key-unknown': { host: 'studio', keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' },
  'ssh/host-key-changed': {
    host: 'studio',
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:abc',
    knownFingerprint: 'SHA256:def',
    file,
    line: 3,
  },
  'ssh/host-key-revoked': { host: 'studio', fingerprint: 'SHA256:abc' },
  'ssh/host-key-in-system-file': {
    host: 'studio',
    fingerprint: 'SHA256:abc',
    file: '/etc/ssh/ssh_known_hosts',
    line: 3,
  },
  'ssh/known-hosts-unreadable': { file },
  'ssh/no-credentials': { host: 'studio', agent: 'absent' },
  'ssh/identity-unreadable': { file, problem: 'it is not a private key' },
  'ssh/auth-rejected': { host: 'studio', user: 'me', tried: ['id_ed25519'] },
  'ssh/answer-needed': { host: 'studio', wanted: 'the passphrase of id_ed25519' },
  'ssh/agent-silent': { host: 'studio', key: 'agent key ann@laptop' },
  'ssh/password-expired': { host: 'studio', port: 22, user: 'me' },
  'ssh/forward-refused': { host: 'studio', address: '127.0.0.1:18789' },
  'ssh/forward-prohibited': { host: 'studio', address: '127.0.0.1:18789' },
  'gateway/port-taken': { port: 18_789, holder, suggestedPort: 18_909 },
  'gateway/port-taken-by-gateway': { port: 18_789, holder, version: '2026.9.6', suggestedPort: 18_909 },
  'gateway/bind-needs-secret': { bind: 'lan' },
  'gateway/address-unavailable': { address: '192.0.2.1' },
  'gateway/no-custom-address': {},
  'gateway/no-tailnet-address': {},
  'gateway/tls-unusable': { file: '/etc/gangway/key.pem', problem: 'it does not belong to the certificate' },
  'gateway/two-secrets': {},
  'gateway/state-in-use': { folder: '~/.gangway/state', pid: 4127 },
  'gateway/state-unwritable': { file: '~/.gangway/state/gangway.sqlite', reason: 'the disk is read-only' },
  'gateway/state-damaged': { file: '~/.gangway/state/gangway.sqlite' },
  'gateway/state-newer': { file: '~/.gangway/state/gangway.sqlite', found: 9, supported: 1 },
  'gateway/crashed': { exitCode: 1, lastLine: 'out of memory' },
  'gateway/crash-loop': { crashes: 5, lastLine: undefined },
  'gateway/unreachable': { url, reason: 'refused' },
  'gateway/silent': { url },
  'gateway/not-a-gateway': { url },
  'gateway/starting': { url },
  'gateway/closed': { url, closeCode: 1012 },
  'gateway/certificate-invalid': { url: 'wss://studio', problem: 'it has expired', fingerprint: undefined },
  'gateway/certificate-changed': { url: 'wss://studio', fingerprint: 'AB:CD', pinned: 'EF:01' },
  'gateway/insecure-url': { url: 'ws://studio' },
  'gateway/token-missing': { gateway: 'Studio' },
  'gateway/token-mismatch': { gateway: 'Studio' },
  'gateway/rate-limited': { gateway: 'Studio', retryAtMs: 1 },
  'gateway/pairing-required': { gateway: 'Studio', requestId: 'r-1' },
  'gateway/pickup-failed': { gateway: 'Studio', host: 'studio', reason: 'no-program' },
  'gateway/protocol-mismatch': { gateway: 'Studio', theirs: 3 },
  'gateway/refused': { gateway: 'Studio', detail: 'ODD' },
  'gateway/unknown': { name: 'attic' },
  'gateway/none-in-use': {},
  'tailscale/not-installed': {},
  'tailscale/not-answering': {},
  'tailscale/signed-out': { url: 'https://login.tailscale.com/a/1' },
  'tailscale/needs-approval': {},
  'tailscale/stopped': {},
  'tailscale/starting': {},
  'tailscale/used-by-another': { words: 'Tailscale already in use by DOM\\ann, pid 7' },
  'tailscale/too-old': { found: '1.58.2', needed: '1.92', for: 'serve' },
  'tailscale/no-magic-dns': {},
  'tailscale/no-https': { url: 'https://login.tailscale.com/admin/dns' },
  'tailscale/no-funnel': { url: 'https://login.tailscale.com/admin/acls/file' },
  'tailscale/funnel-port': { port: 9999, allowed: [443, 8443] },
  'tailscale/port-taken': { port: 443, holder: 'http://127.0.0.1:3000' },
  'tailscale/shields-up': {},
  'tailscale/not-permitted': { command: 'sudo tailscale set --operator=ann' },
  'tailscale/bind-not-loopback': { bind: 'lan' },
  'tailscale/needs-secret': { mode: 'none' },
  'tailscale/needs-password': { mode: 'token' },
  'tailscale/claim-failed': { words: 'etag mismatch' },
  'tailscale/claim-lost': {},
  'tailscale/not-answered': { url: 'https://laptop.tail1f3a.ts.net', problem: 'the connection was refused' },
  'tailscale/no-gateway': { attached: true },
  'tailscale/no-answer': {},
  'tailscale/undo-impossible': { file },
  'tailscale/put-back': { mode: 'serve', cause: 'The gateway does not answer through Tailscale.' },
  'settings/unreadable': { file, line: 2, copy: `${file}.broken-1` },
  'settings/key-invalid': fault,
  'settings/newer-than-app': { file, found: 2, supported: 1 },
  'config/unreadable': { file, line: 2, problem: 'a comma is missing' },
  'config/key-invalid': fault,
  'config/key-unknown': { file, line: 2, key: 'gateway.prot' },
  'secrets/unreadable': { name: 'gateway.local.token' },
  'app/not-running': {},
  'app/already-running': { pid: 4127 },
  'app/not-here': { call: 'gateway.add' },
  'app/input-invalid': { call: 'gateway.add', problem: 'A name is needed' },
  'app/file-unwritable': { file, reason: 'no space is left' },
  'app/unexpected': { summary: 'TypeError' },
};

const infos = Object.entries(EXAMPLES).map(([code, params]) => ({ code, params }) as ErrorInfo);

describe.each(infos)('$code', (info) => {
  const { title, body, next, action, retry } = describeError(info);

  it('is said in whole sentences, without blame, alarm or holes', () => {
    expect(title).toMatch(/^\S.*[^.!?]$/);
    expect(body).toMatch(/^\S[^]*\.$/);
    expect(`${title} ${body} ${next}`).not.toMatch(/undefined|NaN|\[object|!|\bplease\b|\boops\b|\.\.|you failed/i);
  });

  it('says what to do', () => {
    expect(next.length).toBeGreaterThan(10);
  });

  it('offers no “try now” where trying cannot help', () => {
    expect(retry === 'never' && action === 'try-now').toBe(false);
  });
});

it('keeps of an unknown failure only its class: its message may hold a secret', () => {
  expect(toErrorInfo(new RangeError('token=abc'))).toEqual({
    code: 'app/unexpected',
    params: { summary: 'RangeError' },
  });
  expect(toErrorInfo('text')).toEqual({ code: 'app/unexpected', params: { summary: 'string' } });
});

it('carries its cause for the log and its code as the message', () => {
  const cause = new Error('ECONNREFUSED');
  const error = fail('gateway/unreachable', { url, reason: 'refused' }, cause);
  expect(error).toBeInstanceOf(AppError);
  expect([error.message, error.cause]).toEqual(['gateway/unreachable', cause]);
});
