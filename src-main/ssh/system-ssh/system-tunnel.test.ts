import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toErrorInfo, type ErrorInfo } from '../../contract/errors.ts';
import type { TunnelState } from '../../contract/tunnel.ts';
import { readNetworkAddresses } from '../../platform/network-addresses.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { createTunnel, type EngineOptions } from '../create-tunnel.ts';
import { SessionTrust } from '../session-trust.ts';
import { closed, dial, portOf, startEcho } from '../testing/echo-server.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from '../testing/private-sshd.ts';
import { realClock, realCompanions, realFiles, realRunner } from '../testing/real-ports.ts';
import { until } from '../testing/until.ts';
import type { Tunnel } from '../tunnel.ts';
import { trustSystemHostKey } from './trust-system-host-key.ts';

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, companions: realCompanions, machine };

let servers: PrivateSshd[];
let sshd: PrivateSshd;
let echo: Server;
let tunnels: Tunnel[];

async function startServer(extraConfig: readonly string[] = []): Promise<PrivateSshd> {
  const server = await startPrivateSshd(extraConfig);
  servers.push(server);
  return server;
}

beforeEach(async () => {
  servers = [];
  tunnels = [];
  sshd = await startServer();
  echo = await startEcho();
});

afterEach(async () => {
  await Promise.all(tunnels.map((tunnel) => tunnel.stop()));
  // A session that was frozen holds its connections for as long as it lives.
  for (const server of servers) await server.stop();
  await closed(echo);
});

interface Running {
  readonly tunnel: Tunnel;
  readonly port: () => Promise<number>;
  readonly failure: () => Promise<ErrorInfo>;
  /** The cause of the first `waiting`. */
  readonly trouble: () => Promise<ErrorInfo>;
}

function open(
  changes: Partial<EngineOptions> = {},
  server = sshd,
  more: { readonly sessionTrust?: SessionTrust } = {},
): Running {
  const states: TunnelState[] = [];
  const options: EngineOptions = {
    engine: 'system-ssh',
    target: server.target,
    remoteHost: '127.0.0.1',
    remotePort: changes.remotePort ?? portOf(echo),
    localPort: 0,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    sshConfigFile: server.emptyConfigFile,
    acceptNewHostKey: false,
    ...changes,
  };
  const tunnel = createTunnel(options, {
    ...ports,
    ...more,
    log: nullLogger,
    readAddresses: readNetworkAddresses,
    random: Math.random,
    onChange: (state) => states.push(state),
    onProbe: () => {},
  });
  tunnels.push(tunnel);
  tunnel.start();
  const find = <S extends TunnelState['status']>(status: S) =>
    until(status, () => states.find((state) => state.status === status)) as Promise<
      Extract<TunnelState, { status: S }>
    >;
  return {
    tunnel,
    port: async () => (await find('connected')).localPort,
    failure: async () => (await find('failed')).cause,
    trouble: async () => (await find('waiting')).cause,
  };
}

async function echoes(port: number, text: string): Promise<string> {
  const client = dial(port);
  client.socket.end(text);
  await client.ended;
  return client.text();
}

/** A file with the configuration for the alias `studio`. */
function config(lines: readonly string[], server = sshd): string {
  const file = join(server.dir, 'config');
  const common = [`HostName 127.0.0.1`, `Port ${server.port}`, `User ${server.user}`];
  writeFileSync(file, ['Host studio', ...lines, ...common, ''].join('\n'));
  return file;
}

/** A command that carries standard input and output to a port, as `nc` would. */
function forwarder(port: number): string {
  const file = join(sshd.dir, 'forward.mjs');
  const script = `import { connect } from 'node:net'; const socket = connect(${port}, '127.0.0.1'); process.stdin.pipe(socket).pipe(process.stdout);`;
  writeFileSync(file, script);
  return `${process.execPath} ${file}`;
}

/** Our own `ssh` children, whichever way the program is started. */
const sshChildren = (): readonly number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('BatchMode=yes'))
    .map(Number);

function onlySsh(): number {
  const [pid, ...more] = sshChildren();
  if (pid === undefined || more.length > 0) throw new Error('there is not exactly one ssh');
  return pid;
}

it('carries bytes both ways, half-close included, and says who signed in with what', async () => {
  const running = open();
  const port = await running.port();
  expect(await echoes(port, 'hello')).toBe('hello<end>');
  const text = 'x'.repeat(5_000_000);
  expect((await echoes(port, text)).length).toBe(text.length + 5);
  expect(running.tunnel.description).toEqual({
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    signedInWith: 'id_ed25519',
  });
});

it('carries two hundred connections at once', async () => {
  const port = await open().port();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => echoes(port, `number ${index}`)));
  expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `number ${index}<end>`));
});

it('leaves no program, no guard and no folder when it is stopped', async () => {
  const running = open();
  await running.port();
  const pid = onlySsh();
  const folder = execFileSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' }).trim();
  expect(existsSync(folder)).toBe(true);
  expect(readdirSync(folder)).toEqual(['f0']);
  await running.tunnel.stop();
  expect(sshChildren()).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

it('shows no secret and no shell in its arguments', async () => {
  const running = open();
  await running.port();
  const pid = onlySsh();
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  expect(words.slice(-2)).toEqual(['--', '127.0.0.1']);
  expect(words).toContain('BatchMode=yes');
  expect(words).toContain('StrictHostKeyChecking=yes');
  expect(words).not.toContain('-A');
});

describe('when the line breaks', () => {
  it('comes back by itself after the server was restarted, and holds who connects meanwhile', async () => {
    const running = open();
    const port = await running.port();
    await sshd.kill();
    await running.trouble();
    const answer = echoes(port, 'held');
    await until('a held connection', () => running.tunnel.held === 1);
    await sshd.restart();
    expect(await answer).toBe('held<end>');
  });

  it('resets a client whose answer was cut off, so that it never looks finished', async () => {
    const port = await open().port();
    const client = dial(port);
    client.socket.write('part');
    await until('the first part', () => client.text() === 'part');
    await sshd.kill();
    expect(await client.ended).toBe('reset');
  });

  it('replaces an ssh that was killed', async () => {
    const running = open();
    const port = await running.port();
    const pid = onlySsh();
    process.kill(pid, 'SIGKILL');
    await until('another ssh', () => sshChildren().some((other) => other !== pid));
    expect(await echoes(port, 'again')).toBe('again<end>');
  });

  it('replaces on waking a line that does not answer any more', async () => {
    const running = open();
    const port = await running.port();
    running.tunnel.suspend();
    sshd.freezeSessions();
    const pid = onlySsh();
    running.tunnel.resume();
    await until('another ssh', () => sshChildren().some((other) => other !== pid));
    expect(await echoes(port, 'awake')).toBe('awake<end>');
  });
});

describe('what our own engine cannot do', () => {
  it('goes through a ProxyCommand', async () => {
    const gate = await startServer();
    const words = `ssh -F none -i ${gate.identityFile} -o UserKnownHostsFile=${gate.knownHostsFile} -o BatchMode=yes`;
    const proxy = `ProxyCommand ${words} -p ${gate.port} -W %h:%p ${gate.user}@127.0.0.1`;
    const port = await open({ target: 'studio', sshConfigFile: config([proxy]) }).port();
    expect(await echoes(port, 'through')).toBe('through<end>');
  });

  it('signs in with a certificate of the user, where the server takes nothing else', async () => {
    generateKey(join(sshd.dir, 'ca'));
    const ca = await startServer([`TrustedUserCAKeys ${join(sshd.dir, 'ca.pub')}`, 'AuthorizedKeysFile none']);
    const sign = ['-q', '-s', join(sshd.dir, 'ca'), '-I', 'test', '-n', ca.user, '-V', '+1h'];
    execFileSync('ssh-keygen', [...sign, `${ca.identityFile}.pub`]);
    const running = open({}, ca);
    expect(await echoes(await running.port(), 'certified')).toBe('certified<end>');
    expect(running.tunnel.description?.signedInWith).toBe('id_ed25519');
  });

  it('knows a host by the certificate of its authority', async () => {
    generateKey(join(sshd.dir, 'ca'));
    const hostKey = join(sshd.dir, 'certified_key');
    generateKey(hostKey);
    const sign = ['-q', '-s', join(sshd.dir, 'ca'), '-I', 'test', '-h', '-n', '127.0.0.1', '-V', '+1h'];
    execFileSync('ssh-keygen', [...sign, `${hostKey}.pub`]);
    const host = await startServer([`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`]);
    const authority = readFileSync(join(sshd.dir, 'ca.pub'), 'utf8');
    writeFileSync(host.knownHostsFile, `@cert-authority [127.0.0.1]:${host.port} ${authority}`);
    expect(await echoes(await open({}, host).port(), 'known')).toBe('known<end>');
  });

  it('reaches a server that has nothing but post-quantum key exchange', async () => {
    const server = await startServer(['KexAlgorithms sntrup761x25519-sha512@openssh.com']);
    expect(await echoes(await open({}, server).port(), 'quantum')).toBe('quantum<end>');
  });
});

describe('what the configuration says of forwards', () => {
  it('is left out: they are the ones of another day', async () => {
    const taken = portOf(echo);
    const lines = [`LocalForward ${taken} 127.0.0.1:1`, `RemoteForward ${taken} 127.0.0.1:1`, 'DynamicForward 1080'];
    const more = ['PermitLocalCommand yes', `LocalCommand touch ${join(sshd.dir, 'ran')}`, 'ForwardAgent yes'];
    const running = open({ target: 'studio', sshConfigFile: config([...lines, ...more]) });
    expect(await echoes(await running.port(), 'alone')).toBe('alone<end>');
    expect(existsSync(join(sshd.dir, 'ran'))).toBe(false);
  });
});

describe('tells what is wrong', () => {
  it('a host that is not known, with its fingerprint', async () => {
    const cause = await open({ knownHostsFile: sshd.emptyConfigFile }).failure();
    expect(cause).toEqual({
      code: 'ssh/host-key-unknown',
      params: { host: '127.0.0.1', keyType: 'ssh-ed25519', fingerprint: sshd.hostFingerprint },
    });
  });

  it('trusts exactly the key that a person has seen, through a ProxyCommand too', async () => {
    const known = join(sshd.dir, 'new_known_hosts');
    const sshConfigFile = config([`ProxyCommand ${forwarder(sshd.port)}`]);
    const options = { target: 'studio', identityFile: undefined, knownHostsFile: known, sshConfigFile };
    const deps = { ...ports, log: nullLogger };
    const other = `SHA256:${'x'.repeat(43)}`;
    expect(
      await trustSystemHostKey(options, { fingerprint: other, how: 'always' }, deps).catch(toErrorInfo),
    ).toMatchObject({
      code: 'ssh/host-key-changed',
      params: { fingerprint: sshd.hostFingerprint, knownFingerprint: other },
    });
    expect(existsSync(known)).toBe(false);
    await trustSystemHostKey(options, { fingerprint: sshd.hostFingerprint, how: 'always' }, deps);
    expect(readFileSync(known, 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKeyLine}\n`);
    const port = await open({ target: 'studio', sshConfigFile, knownHostsFile: known }).port();
    expect(await echoes(port, 'seen')).toBe('seen<end>');
  });

  it('trusts a key until the app ends, and replaces a changed one, as a person decides', async () => {
    const known = join(sshd.dir, 'new_known_hosts');
    const options = { target: sshd.target, identityFile: undefined, knownHostsFile: known, sshConfigFile: undefined };
    const sessionTrust = new SessionTrust();
    const deps = { ...ports, log: nullLogger, sessionTrust };
    await trustSystemHostKey(options, { fingerprint: sshd.hostFingerprint, how: 'once' }, deps);
    expect(existsSync(known)).toBe(false);
    const running = open({ knownHostsFile: known }, sshd, { sessionTrust });
    expect(await echoes(await running.port(), 'once')).toBe('once<end>');
    await running.tunnel.stop();

    writeFileSync(known, readFileSync(sshd.knownHostsFile));
    await sshd.restart({ newHostKey: true });
    const cause = await open({ knownHostsFile: known }).failure();
    if (cause.code !== 'ssh/host-key-changed') throw new Error(cause.code);
    await trustSystemHostKey(options, { fingerprint: cause.params.fingerprint, how: 'replace' }, deps);
    expect(await echoes(await open({ knownHostsFile: known }).port(), 'new')).toBe('new<end>');
  });

  it('trusts a new host when it was told to, and writes it down', async () => {
    const known = join(sshd.dir, 'new_known_hosts');
    expect(await echoes(await open({ knownHostsFile: known, acceptNewHostKey: true }).port(), 'new')).toBe('new<end>');
    expect(readFileSync(known, 'utf8')).toContain(sshd.hostKeyLine);
  });

  it('a changed host key, with both fingerprints and the line', async () => {
    const before = sshd.hostFingerprint;
    await sshd.restart({ newHostKey: true });
    expect(await open({ acceptNewHostKey: true }).failure()).toMatchObject({
      code: 'ssh/host-key-changed',
      params: { knownFingerprint: before, file: sshd.knownHostsFile, line: 1 },
    });
  });

  it('a key that is not accepted, once', async () => {
    const other = join(sshd.dir, 'other');
    generateKey(other);
    expect(await open({ identityFile: other }).failure()).toEqual({
      code: 'ssh/auth-rejected',
      params: { host: '127.0.0.1', user: sshd.user, tried: ['other'] },
    });
  });

  it('a gateway that does not listen, and goes on once it does', async () => {
    const port = portOf(echo);
    await closed(echo);
    const running = open({ remotePort: port });
    expect(await running.trouble()).toEqual({
      code: 'ssh/forward-refused',
      params: { host: '127.0.0.1', address: `127.0.0.1:${port}` },
    });
    echo = await startEcho(port);
    expect(await echoes(await running.port(), 'up')).toBe('up<end>');
  });

  it('a server that forbids forwarding', async () => {
    const server = await startServer(['AllowTcpForwarding no']);
    expect(await open({}, server).failure()).toMatchObject({ code: 'ssh/forward-prohibited' });
  });

  it('a computer without ssh', async () => {
    const runner = { run: () => Promise.reject(Object.assign(new Error('no ssh'), { code: 'ENOENT' })) };
    const states: TunnelState[] = [];
    const tunnel = createTunnel(
      {
        engine: 'system-ssh',
        target: sshd.target,
        remoteHost: '127.0.0.1',
        remotePort: 1,
        localPort: 0,
        identityFile: undefined,
        knownHostsFile: undefined,
        sshConfigFile: undefined,
        acceptNewHostKey: false,
      },
      {
        ...ports,
        runner,
        log: nullLogger,
        readAddresses: () => [],
        random: () => 0,
        onChange: (state) => states.push(state),
        onProbe: () => {},
      },
    );
    tunnels.push(tunnel);
    tunnel.start();
    const failed = await until('the failure', () => states.find(({ status }) => status === 'failed'));
    expect(failed).toMatchObject({ cause: { code: 'ssh/system-ssh-unusable' } });
  });
});
