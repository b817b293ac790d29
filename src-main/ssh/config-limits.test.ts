import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
let sshd: PrivateSshd;
beforeEach(async () => {
  sshd = await startPrivateSshd();
});
afterEach(() => sshd.stop());

/** Signs in with a configuration, and tells why it failed. */
async function failure(config: readonly string[], changes: { readonly known?: boolean } = {}): Promise<unknown> {
  const file = join(sshd.dir, 'config');
  const common = [`HostName 127.0.0.1`, `Port ${sshd.port}`, `User ${sshd.user}`];
  const known = `UserKnownHostsFile ${changes.known === false ? sshd.emptyConfigFile : sshd.knownHostsFile}`;
  writeFileSync(file, ['Host studio', ...config, known, ...common, ''].join('\n'));
  const options = { target: 'studio', remoteHost: '127.0.0.1', remotePort: 1, identityFile: undefined };
  const dialer = new Dialer(
    { ...options, knownHostsFile: undefined, sshConfigFile: file, acceptNewHostKey: false },
    { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine },
  );
  const request = { connectTimeoutMs: 5_000, pace: 'kernel' as const, afresh: true, onResolved: () => {} };
  try {
    const connection = await dialer.dial({ ...request, signal: new AbortController().signal });
    await connection.close();
    return 'signed in';
  } catch (error) {
    return toErrorInfo(error);
  }
}

const unsupported = (option: unknown) => ({ code: 'ssh/option-unsupported', params: { host: 'studio', option } });

it('signs in where the option that was left out was not needed', async () => {
  expect(await failure([`IdentityFile ${sshd.identityFile}`, 'CertificateFile /nonexistent/id-cert.pub'])).toBe(
    'signed in',
  );
});

it('names a certificate where the server does not take the key alone', async () => {
  generateKey(join(sshd.dir, 'other'));
  const key = `IdentityFile ${join(sshd.dir, 'other')}`;
  expect(await failure([key])).toMatchObject({ code: 'ssh/auth-rejected' });
  expect(await failure([key, 'CertificateFile /c/id-cert.pub'])).toMatchObject(unsupported('CertificateFile'));
  execFileSync('ssh-keygen', ['-q', '-s', sshd.identityFile, '-I', 'x', `${join(sshd.dir, 'other')}.pub`]);
  expect(await failure([key])).toMatchObject(unsupported(expect.stringMatching(/the certificate .*other-cert\.pub/)));
});

it('names a security key, which our own engine cannot ask for its button', async () => {
  const file = join(sshd.dir, 'id_sk');
  writeFileSync(`${file}.pub`, 'sk-ssh-ed25519@openssh.com AAAA ann@laptop\n');
  expect(await failure([`IdentityFile ${file}`])).toMatchObject(
    unsupported(expect.stringMatching(/the security key of .*id_sk/)),
  );
});

it('names a command that would have known the host', async () => {
  const config = ['KnownHostsCommand /bin/keys %H', `IdentityFile ${sshd.identityFile}`];
  expect(await failure(config, { known: false })).toMatchObject(unsupported('KnownHostsCommand'));
});

it('takes a new key by itself with accept-new alone', async () => {
  const key = `IdentityFile ${sshd.identityFile}`;
  for (const value of ['no', 'off', 'ask', 'yes']) {
    const cause = await failure([key, `StrictHostKeyChecking ${value}`], { known: false });
    expect(cause).toMatchObject({ code: 'ssh/host-key-unknown' });
  }
  expect(await failure([key, 'StrictHostKeyChecking accept-new'], { known: false })).toBe('signed in');
});
