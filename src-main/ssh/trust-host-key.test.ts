import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer, type DialRequest } from './dialer.ts';
import { SessionTrust } from './session-trust.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';
import { trustHostKey } from './trust-host-key.ts';
import type { TunnelOptions } from './tunnel.ts';

let sshd: PrivateSshd;

beforeEach(async () => {
  sshd = await startPrivateSshd();
});
afterEach(() => sshd.stop());

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine };

const dialRequest: DialRequest = {
  signal: new AbortController().signal,
  connectTimeoutMs: 10_000,
  pace: 'kernel',
  afresh: true,
  onResolved: () => {},
};

function options(changes: Partial<TunnelOptions> = {}): TunnelOptions {
  return {
    target: sshd.target,
    remoteHost: '127.0.0.1',
    remotePort: 9,
    localPort: 0,
    identityFile: sshd.identityFile,
    knownHostsFile: sshd.knownHostsFile,
    sshConfigFile: sshd.emptyConfigFile,
    acceptNewHostKey: false,
    ...changes,
  };
}

const unknownTo = (folder = 'fresh') => ({ knownHostsFile: join(sshd.dir, folder, 'fresh_known_hosts') });

describe('a decision about the key that was shown', () => {
  it('is trusted for this session alone, and written nowhere', async () => {
    const fresh = unknownTo();
    const sessionTrust = new SessionTrust();
    const decision = { fingerprint: sshd.hostFingerprint, how: 'once' } as const;
    await trustHostKey(options(fresh), decision, { ...ports, sessionTrust });
    expect(() => statSync(fresh.knownHostsFile)).toThrow('ENOENT');
    await (await new Dialer(options(fresh), { ...ports, sessionTrust }).dial(dialRequest)).close();
    await trustHostKey(options(fresh), { ...decision, how: 'always' }, { ...ports, sessionTrust });
    expect(readFileSync(fresh.knownHostsFile, 'utf8')).toContain(sshd.hostKeyLine);
  });

  it('is forgotten with the session', async () => {
    const fresh = unknownTo();
    const decision = { fingerprint: sshd.hostFingerprint, how: 'once' } as const;
    await trustHostKey(options(fresh), decision, { ...ports, sessionTrust: new SessionTrust() });
    const another = await new Dialer(options(fresh), ports).dial(dialRequest).catch(toErrorInfo);
    expect(another).toMatchObject({ code: 'ssh/host-key-unknown' });
  });

  it('is kept for this session where the configuration says that nothing is to be written down', async () => {
    const sshConfigFile = join(sshd.dir, 'none_config');
    writeFileSync(sshConfigFile, 'UserKnownHostsFile none\n');
    const nowhere = options({ sshConfigFile, knownHostsFile: undefined });
    const sessionTrust = new SessionTrust();
    const decision = { fingerprint: sshd.hostFingerprint, how: 'always' } as const;
    await trustHostKey(nowhere, decision, { ...ports, sessionTrust });
    const line = await new Dialer(nowhere, { ...ports, sessionTrust }).dial(dialRequest);
    expect(line.isAlive).toBe(true);
    await line.close();
  });

  it('replaces the known one only when that is what was decided, as ssh-keygen then finds', async () => {
    await sshd.restart({ newHostKey: true });
    const shown = execFileSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_key.pub')], { encoding: 'utf8' });
    const fingerprint = shown.split(' ')[1] ?? '';
    const before = readFileSync(sshd.knownHostsFile, 'utf8');
    const refused = await trustHostKey(options(), { fingerprint, how: 'always' }, ports).catch(toErrorInfo);
    expect(refused).toMatchObject({ code: 'ssh/host-key-changed', params: { fingerprint } });
    expect(readFileSync(sshd.knownHostsFile, 'utf8')).toBe(before);
    await trustHostKey(options(), { fingerprint, how: 'replace' }, ports);
    const host = `[127.0.0.1]:${sshd.port}`;
    const found = execFileSync('ssh-keygen', ['-lF', host, '-f', sshd.knownHostsFile], { encoding: 'utf8' });
    expect(found.match(/SHA256:\S+/g)).toEqual([fingerprint]);
    await (await new Dialer(options(), ports).dial(dialRequest)).close();
  });

  it('is never replaced in a file of the whole computer', async () => {
    await sshd.restart({ newHostKey: true });
    const system = join(sshd.dir, 'system_known_hosts');
    writeFileSync(system, `# admin\n[127.0.0.1]:${sshd.port} ${sshd.hostKeyLine}\n`);
    const sshConfigFile = join(sshd.dir, 'with_system');
    writeFileSync(sshConfigFile, `GlobalKnownHostsFile ${system}\n`);
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_key.pub')], { encoding: 'utf8' });
    const decision = { fingerprint: fingerprint.split(' ')[1] ?? '', how: 'replace' } as const;
    const refused = await trustHostKey(options({ ...unknownTo(), sshConfigFile }), decision, ports).catch(toErrorInfo);
    expect(refused).toMatchObject({ code: 'ssh/host-key-in-system-file', params: { file: system, line: 2 } });
    expect(readFileSync(system, 'utf8')).toContain(sshd.hostKeyLine);
  });

  it.each([false, true])(
    'is not known by a certificate authority, which is said: new keys taken %j',
    async (acceptNewHostKey) => {
      const fresh = unknownTo('.');
      writeFileSync(fresh.knownHostsFile, `@cert-authority * ${sshd.hostKeyLine}\n`);
      const cause = await new Dialer(options({ ...fresh, acceptNewHostKey }), ports)
        .dial(dialRequest)
        .catch(toErrorInfo);
      expect(cause).toMatchObject({
        code: 'ssh/host-key-unknown',
        params: { authority: `${fresh.knownHostsFile}, line 1` },
      });
    },
  );
});
