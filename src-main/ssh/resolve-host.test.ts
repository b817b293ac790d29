import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join, win32 } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { describeError, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { Files, ProgramRunner } from '../platform/ports.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { resolveHost, type Machine, type ResolveDeps } from './resolve-host.ts';
import { noPrograms, realFiles, realRunner } from './testing/real-ports.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-config-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const linux: Machine = { homeDir: '/User/ann', userName: 'ann', agentSocket: '/run/agent', platform: 'linux' };

function resolve(target: string, config?: string, changes: Partial<ResolveDeps> = {}) {
  const sshConfigFile = config === undefined ? undefined : join(dir, 'config');
  if (sshConfigFile !== undefined) writeFileSync(sshConfigFile, config ?? '');
  return resolveHost(
    { target, identityFile: undefined, knownHostsFile: undefined, sshConfigFile },
    { files: realFiles, runner: realRunner, log: nullLogger, machine: linux, ...changes },
  );
}

describe('with the installed ssh', () => {
  it('takes everything from the configuration', async () => {
    const host = await resolve(
      'studio',
      `Host st*
  HostName 10.0.0.7
  Port 2222
  User bob
  IdentityFile ~/.ssh/id_%h_%r
  IdentityFile "/keys with spaces/%n-%p-%u-%%"
  IdentityFile /keys/%C
  IdentitiesOnly yes
  IdentityAgent ~/agent.sock
  UserKnownHostsFile /kh/one "/kh two/kh"
  GlobalKnownHostsFile /kh/global
  HostKeyAlias garage
  StrictHostKeyChecking no
  HashKnownHosts yes
  AddressFamily inet6
`,
    );
    expect(host).toEqual({
      name: 'studio',
      host: '10.0.0.7',
      port: 2222,
      family: 6,
      user: 'bob',
      hostKeyAlias: 'garage',
      jumps: [],
      identityFiles: ['/User/ann/.ssh/id_10.0.0.7_bob', '/keys with spaces/studio-2222-ann-%'],
      identityChosen: false,
      identitiesOnly: true,
      ruledOut: [],
      agentSocket: expect.stringMatching(/agent\.sock$/),
      userKnownHosts: ['/kh/one', '/kh two/kh'],
      hashesKnownHosts: true,
      systemKnownHosts: ['/kh/global'],
      acceptsNewHostKey: false,
      leftOut: [{ option: 'IdentityFile /keys/%C', for: 'sign-in' }],
    });
  });

  it('lets the target win over the configuration', async () => {
    const host = await resolve('eve@studio:77', 'Host studio\n Port 2222\n User bob\n');
    expect(host).toMatchObject({ user: 'eve', port: 77 });
  });

  it('follows Include and Match', async () => {
    writeFileSync(join(dir, 'more'), 'Match host studio user eve\n  Port 2200\n');
    expect(await resolve('eve@studio', `Include ${join(dir, 'more')}\n`)).toMatchObject({ port: 2200 });
    expect(await resolve('bob@studio', `Include ${join(dir, 'more')}\n`)).toMatchObject({ port: 22 });
  });

  it('puts the environment, the user and this computer into paths', async () => {
    const env = { KEYS: '/keys', AGENT: '/run/other' };
    const machine: Machine = { ...linux, userId: 1_000, computer: 'laptop.home', env };
    const config = 'IdentityFile ${KEYS}/%i-%k-%l-%L\nIdentityFile ${ABSENT}/key\nIdentityAgent $AGENT\n';
    expect(await resolve('studio', config, { machine })).toMatchObject({
      identityFiles: ['/keys/1000-studio-laptop.home-laptop'],
      agentSocket: '/run/other',
      leftOut: [{ option: 'IdentityFile ${ABSENT}/key' }],
    });
    expect((await resolve('studio', 'IdentityAgent $ABSENT\n', { machine })).agentSocket).toBeUndefined();
  });

  it('reads no file where the configuration says that none is known', async () => {
    expect(await resolve('studio', 'UserKnownHostsFile none\nGlobalKnownHostsFile none\n')).toMatchObject({
      userKnownHosts: [devNull],
      systemKnownHosts: [],
    });
  });

  it('uses no agent when the configuration forbids it', async () => {
    expect((await resolve('studio', 'IdentityAgent none\n')).agentSocket).toBeUndefined();
  });

  it('dials an IPv6 address', async () => {
    expect(await resolve('ann@[::1]:2222', '')).toMatchObject({ host: '::1', port: 2222 });
  });

  it.each([
    ['ProxyCommand', 'ProxyCommand nc %h %p\n'],
    ['RevokedHostKeys', 'RevokedHostKeys /etc/ssh/revoked\n'],
    ['BindAddress', 'BindAddress 10.0.0.9\n'],
    ['BindInterface', 'BindInterface wg0\n'],
    ['PreferredAuthentications', 'PreferredAuthentications gssapi-with-mic,hostbased\n'],
  ])('refuses to pass over %s, and names the engine that follows it', async (option, config) => {
    const cause = await resolve('studio', config).catch(toErrorInfo);
    expect(cause).toMatchObject({ code: 'ssh/option-unsupported', params: { host: 'studio', option } });
    expect(describeError(cause as ErrorInfo)).toMatchObject({
      action: 'use-system-ssh',
      next: "Use the system's ssh for this gateway.",
    });
  });

  it.each<[string, readonly string[]]>([
    ['CertificateFile /c/id-cert.pub\n', ['CertificateFile']],
    ['PKCS11Provider /lib/pkcs11.so\n', ['PKCS11Provider']],
    ['SecurityKeyProvider /lib/sk.so\n', ['SecurityKeyProvider']],
    ['SecurityKeyProvider internal\n', []],
    ['HostbasedAuthentication yes\n', ['HostbasedAuthentication']],
    ['KnownHostsCommand /bin/keys %h\n', ['KnownHostsCommand']],
    ['VerifyHostKeyDNS yes\n', ['VerifyHostKeyDNS']],
    ['GSSAPIAuthentication yes\nLocalForward 1 a:1\nControlMaster auto\nControlPath ~/c-%C\nTunnel yes\n', []],
    ['', []],
  ])('goes on with %j and remembers that it left out %j', async (config, options) => {
    const { leftOut } = await resolve('studio', config);
    expect(leftOut.map(({ option }) => option)).toEqual(options);
  });

  it.each([
    ['yes', false],
    ['no', false],
    ['off', false],
    ['ask', false],
    ['accept-new', true],
  ])('checks host keys strictly with StrictHostKeyChecking %s, and takes new ones: %j', async (value, accepts) => {
    const host = await resolve('studio', `StrictHostKeyChecking ${value}\n`);
    expect(host.acceptsNewHostKey).toBe(accepts);
  });

  it.each([
    ['', []],
    ['PasswordAuthentication no\n', ['password']],
    ['KbdInteractiveAuthentication no\n', ['keyboard-interactive']],
    ['PubkeyAuthentication no\n', ['publickey']],
    ['BatchMode yes\n', ['keyboard-interactive', 'password']],
  ])('signs in as the configuration allows: %j', async (config, methods) => {
    expect((await resolve('studio', config)).ruledOut).toEqual(methods);
  });

  it('names the hosts to go through, the nearest first', async () => {
    const host = await resolve('studio', 'Host studio\n ProxyJump bob@gate:2200,inner\n');
    expect(host.jumps).toEqual(['bob@gate:2200', 'inner']);
  });

  it('accepts a proxy that is switched off', async () => {
    expect(await resolve('studio', 'ProxyJump none\nProxyCommand none\n')).toMatchObject({ host: 'studio' });
  });

  it('names a configuration that ssh cannot use', async () => {
    expect(await resolve('studio', 'Nonsense yes\n').catch(toErrorInfo)).toMatchObject({
      code: 'ssh/config-unreadable',
      params: { file: join(dir, 'config') },
    });
  });
});

describe('without ssh', () => {
  const runner = noPrograms;
  /** A home folder and a system with these files alone. */
  const having = (texts: Readonly<Record<string, string>>): Files => ({
    ...realFiles,
    read: (path) => Promise.resolve(texts[path]),
    list: (folder) =>
      Promise.resolve(
        Object.keys(texts).flatMap((path) => (win32.dirname(path) === folder ? win32.basename(path) : [])),
      ),
  });

  it('uses the usual defaults where nothing is configured', async () => {
    expect(await resolve('studio', undefined, { runner, files: having({}) })).toEqual({
      name: 'studio',
      host: 'studio',
      port: 22,
      family: undefined,
      user: 'ann',
      hostKeyAlias: undefined,
      jumps: [],
      identityFiles: ['/User/ann/.ssh/id_ed25519', '/User/ann/.ssh/id_ecdsa', '/User/ann/.ssh/id_rsa'],
      identityChosen: false,
      identitiesOnly: false,
      ruledOut: [],
      agentSocket: '/run/agent',
      userKnownHosts: ['/User/ann/.ssh/known_hosts'],
      systemKnownHosts: ['/etc/ssh/ssh_known_hosts'],
      acceptsNewHostKey: false,
      hashesKnownHosts: false,
      leftOut: [],
    });
  });

  it('follows an alias of the usual files', async () => {
    const files = having({
      '/User/ann/.ssh/config': 'Host studio\n HostName 10.0.0.7\n User bob\n IdentityFile ~/.ssh/id_%h_%r\n',
      '/etc/ssh/ssh_config': 'Host *\n User eve\n Port 2200\n',
    });
    expect(await resolve('studio', undefined, { runner, files })).toMatchObject({
      name: 'studio',
      host: '10.0.0.7',
      port: 2200,
      user: 'bob',
      identityFiles: ['/User/ann/.ssh/id_10.0.0.7_bob'],
    });
  });

  it('follows a file that was given, and no other', async () => {
    expect(await resolve('studio', 'Host studio\n Port 2222\n IdentityFile none\n', { runner })).toMatchObject({
      port: 2222,
      identityFiles: [],
    });
  });

  it('finds its way on Windows', async () => {
    const machine: Machine = {
      ...linux,
      agentSocket: undefined,
      platform: 'win32',
      homeDir: 'C:\\Users\\ann',
      env: { ProgramData: 'D:\\Data' },
    };
    const usual = {
      agentSocket: '\\\\.\\pipe\\openssh-ssh-agent',
      userKnownHosts: ['C:\\Users\\ann\\.ssh\\known_hosts'],
    };
    expect(await resolve('studio', undefined, { runner, machine, files: having({}) })).toMatchObject(usual);
    const files = having({
      'C:\\Users\\ann\\.ssh\\config':
        '\uFEFFInclude conf.d/*.conf "C:\\Other Files\\more"\r\nHost studio\r\n User bob\r\n',
      'C:\\Users\\ann\\.ssh\\conf.d\\a.conf': 'IdentityFile ~/.ssh/id_%h\nIdentityAgent \\\\.\\pipe\\other\n',
      'C:\\Other Files\\more': 'HostName 10.0.0.7\n',
      'D:\\Data\\ssh\\ssh_config': 'Include more\n',
      'D:\\Data\\ssh\\more': 'Port 2200\n',
    });
    expect(await resolve('studio', undefined, { runner, machine, files })).toMatchObject({
      host: '10.0.0.7',
      port: 2200,
      user: 'bob',
      identityFiles: ['C:\\Users\\ann\\.ssh\\id_10.0.0.7'],
      agentSocket: '\\\\.\\pipe\\other',
    });
  });

  it('names the place of what it cannot read', async () => {
    const config = 'Host *\n\n Port abc\n';
    expect(await resolve('studio', config, { runner }).catch(toErrorInfo)).toEqual({
      code: 'ssh/config-unreadable',
      params: { file: join(dir, 'config'), problem: 'line 3: “port” cannot be “abc”' },
    });
  });

  it('does not take a file that may not be read for one that says nothing', async () => {
    const refused = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
    const files = { ...realFiles, read: refused };
    expect(await resolve('studio', undefined, { runner, files }).catch(toErrorInfo)).toEqual({
      code: 'ssh/config-unreadable',
      params: { file: '/User/ann/.ssh/config', problem: 'it may not be read' },
    });
  });

  it('remembers the files whose place only ssh can tell', async () => {
    const config = 'UserKnownHostsFile /kh/%C /kh/b\nIdentityAgent ${ABSENT}\n';
    expect(await resolve('studio', config, { runner })).toMatchObject({
      userKnownHosts: ['/kh/b'],
      agentSocket: undefined,
      leftOut: [
        { option: 'IdentityAgent ${ABSENT}', for: 'sign-in' },
        { option: 'UserKnownHostsFile /kh/%C', for: 'host-key' },
      ],
    });
  });
});

it('names a configuration file that is not there', async () => {
  const file = join(dir, 'none');
  const options = { target: 'studio', identityFile: undefined, knownHostsFile: undefined, sshConfigFile: file };
  const deps = { files: realFiles, runner: realRunner, log: nullLogger, machine: linux };
  expect(await resolveHost(options, deps).catch(toErrorInfo)).toEqual({
    code: 'ssh/config-unreadable',
    params: { file, problem: 'it does not exist' },
  });
});

it('hands ssh a validated target only, behind “--” and without a shell', async () => {
  const calls: (readonly string[])[] = [];
  const runner: ProgramRunner = {
    run: (file, args) => {
      calls.push([file, ...args]);
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    },
  };
  await resolve('bob@studio:77', undefined, { runner });
  await resolve('-oProxyCommand=id', undefined, { runner }).catch(() => {});
  expect(calls).toEqual([['ssh', '-G', '-p', '77', '-l', 'bob', '--', 'studio']]);
});
