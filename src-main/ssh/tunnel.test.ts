import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { readNetworkAddresses } from '../platform/network-addresses.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';
import { until } from './testing/until.ts';
import { trustHostKey } from './trust-host-key.ts';
import { Tunnel, type TunnelOptions } from './tunnel.ts';

/** Answers with what it got, once the client has finished sending, and says so. */
async function startEcho(port = 0): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end('<end>'));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

function dial(port: number, host = '127.0.0.1'): { readonly socket: Socket; text: () => string; ended: Promise<void> } {
  let text = '';
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('data', (chunk) => (text += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    socket.on('end', resolve);
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  return { socket, text: () => text, ended };
}

let sshd: PrivateSshd;
let echo: Server;
let tunnels: Tunnel[];

beforeEach(async () => {
  sshd = await startPrivateSshd();
  echo = await startEcho();
  tunnels = [];
});

afterEach(async () => {
  await Promise.all(tunnels.map((tunnel) => tunnel.stop()));
  await closed(echo);
  await sshd.stop();
});

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine };

function options(changes: Partial<TunnelOptions> = {}): TunnelOptions {
  return {
    target: sshd.target,
    remoteHost: '127.0.0.1',
    remotePort: portOf(echo),
    localPort: 0,
    identityFile: sshd.identityFile,
    knownHostsFile: sshd.knownHostsFile,
    sshConfigFile: sshd.emptyConfigFile,
    acceptNewHostKey: false,
    ...changes,
  };
}

function open(changes: Partial<TunnelOptions> = {}) {
  const states: TunnelState[] = [];
  const probes: TunnelProbe[] = [];
  const tunnel = new Tunnel(options(changes), {
    ...ports,
    random: Math.random,
    readAddresses: readNetworkAddresses,
    onChange: (state) => states.push(state),
    onProbe: (probe) => probes.push(probe),
  });
  tunnels.push(tunnel);
  tunnel.start();
  return { tunnel, states, probes };
}

const connected = (tunnel: Tunnel) =>
  until('a connected tunnel', () => (tunnel.state.status === 'connected' ? tunnel.state : undefined));
const failure = async (tunnel: Tunnel) => {
  const state = await until('a failed tunnel', () => (tunnel.state.status === 'failed' ? tunnel.state : undefined));
  return state.cause;
};

const decided = (fingerprint: string) => ({ fingerprint, how: 'always' }) as const;

describe('a tunnel through a real sshd', () => {
  it('carries bytes to the remote port, and the end of them', async () => {
    const { tunnel, probes, states } = open();
    const { localPort } = await connected(tunnel);
    const client = dial(localPort);
    client.socket.end('hello');
    await client.ended;
    expect(client.text()).toBe('hello<end>');
    expect(states.map((state) => state.status)).toEqual(['connecting', 'connected']);
    expect(probes[0]).toMatchObject({ sshMs: expect.any(Number), forwardMs: expect.any(Number) });
    const { port, user } = sshd;
    expect(tunnel.description).toEqual({ host: '127.0.0.1', port, user, signedInWith: 'id_ed25519' });
  });

  it('listens on both loopback addresses', async () => {
    const { tunnel } = open();
    const client = dial((await connected(tunnel)).localPort, '::1');
    client.socket.end('six');
    await client.ended;
    expect(client.text()).toBe('six<end>');
  });

  it('carries 24 MiB unharmed, however slowly they are read', async () => {
    const { tunnel } = open();
    const client = dial((await connected(tunnel)).localPort);
    const block = Buffer.alloc(1024 * 1024, 'x');
    let received = 0;
    client.socket.on('data', (chunk) => (received += chunk.length));
    client.socket.pause();
    for (let sent = 0; sent < 24; sent += 1) client.socket.write(block);
    client.socket.end();
    await until('a pause', () => client.socket.writableLength > 0);
    client.socket.resume();
    await client.ended;
    expect(received).toBe(24 * block.length + '<end>'.length);
  });

  it('holds connections while the server restarts and carries them on the same port afterwards', async () => {
    const { tunnel } = open();
    const { localPort } = await connected(tunnel);
    const running = dial(localPort);
    running.socket.write('before');
    await until('an answer', () => running.text() === 'before');
    await sshd.kill();
    await until('the loss', () => tunnel.state.status !== 'connected');
    await running.ended;
    const client = dial(localPort);
    client.socket.end('patience');
    await until('a held connection', () => tunnel.held === 1);
    expect(tunnel.state).toMatchObject({ cause: { code: expect.stringMatching('ssh/') } });
    await sshd.restart();
    await client.ended;
    expect(client.text()).toBe('patience<end>');
    expect(tunnel.state).toMatchObject({ status: 'connected', localPort });
    expect(tunnel.held).toBe(0);
  });

  it('replaces a line that went silent as soon as somebody needs it', async () => {
    const { tunnel, states } = open();
    const { localPort } = await connected(tunnel);
    sshd.freezeSessions();
    const client = dial(localPort);
    client.socket.end('anybody there?');
    await client.ended;
    expect(client.text()).toBe('anybody there?<end>');
    expect(states.map((state) => state.status)).toEqual(['connecting', 'connected', 'connecting', 'connected']);
  });

  it('waits for the remote port without giving up the SSH connection', async () => {
    const remotePort = portOf(echo);
    const { tunnel, states } = open();
    const { localPort } = await connected(tunnel);
    await closed(echo);
    const client = dial(localPort);
    client.socket.end('later');
    await until('the refusal', () => tunnel.state.status === 'waiting');
    expect(tunnel.state).toMatchObject({ cause: { code: 'ssh/forward-refused' } });
    const probe = await tunnel.probeNow();
    expect(probe).toMatchObject({ sshMs: expect.any(Number), forwardMs: undefined });
    echo = await startEcho(remotePort);
    await client.ended;
    expect(client.text()).toBe('later<end>');
    const causes = states.flatMap((state) => ('cause' in state ? [state.cause.code] : []));
    expect(new Set(causes)).toEqual(new Set(['ssh/forward-refused']));
  });

  it('leaves nothing behind when it is stopped in the middle of things', async () => {
    const { tunnel, states } = open();
    const { localPort } = await connected(tunnel);
    const client = dial(localPort);
    client.socket.write('open');
    await until('an answer', () => client.text() === 'open');
    await tunnel.stop();
    await client.ended;
    client.socket.destroy();
    expect(states.at(-1)).toEqual({ status: 'stopped' });
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject);
      again.listen(localPort, '127.0.0.1', resolve);
    });
    await closed(again);
    await until('no socket', () => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  });

  it('can be stopped while it connects and started again at once', async () => {
    const { tunnel, states } = open();
    const stopped = tunnel.stop();
    tunnel.start();
    await stopped;
    await connected(tunnel);
    expect(states.map((state) => state.status)).toEqual([
      'connecting',
      'stopping',
      'stopping',
      'connecting',
      'connected',
    ]);
  });

  it('names the port that another program holds', async () => {
    const { tunnel } = open({ localPort: portOf(echo) });
    expect(await failure(tunnel)).toEqual({
      code: 'gateway/port-taken',
      params: { port: portOf(echo), holder: { pid: undefined, program: undefined }, suggestedPort: undefined },
    });
  });

  it('waits when nothing listens on the SSH port', async () => {
    await sshd.kill();
    const { tunnel } = open();
    const state = await until('waiting', () => (tunnel.state.status === 'waiting' ? tunnel.state : undefined));
    expect(state.cause).toEqual({
      code: 'ssh/host-unreachable',
      params: { host: '127.0.0.1', port: sshd.port, reason: 'refused' },
    });
  });
});

describe('signing in', () => {
  it('stops after one refusal and names the key that was shown', async () => {
    const identityFile = join(sshd.dir, 'other_key');
    generateKey(identityFile);
    const { tunnel, states } = open({ identityFile });
    const { user } = sshd;
    expect(await failure(tunnel)).toEqual({
      code: 'ssh/auth-rejected',
      params: { host: '127.0.0.1', user, tried: ['other_key'] },
    });
    expect(states.filter((state) => state.status === 'connecting')).toHaveLength(1);
  });

  it('ends held connections at once when only a person can help', async () => {
    const identityFile = join(sshd.dir, 'other_key');
    generateKey(identityFile);
    const localPort = await freeLocalPort();
    const { tunnel } = open({ identityFile, localPort });
    await failure(tunnel);
    const client = dial(localPort);
    await client.ended;
    expect(client.text()).toBe('');
  });

  it('says that there is no key to show', async () => {
    const { tunnel } = open({ identityFile: undefined });
    expect(await failure(tunnel)).toEqual({
      code: 'ssh/no-credentials',
      params: { host: '127.0.0.1', agent: 'absent' },
    });
  });

  it('does not want the passphrase of a key that the server refuses', async () => {
    const file = join(sshd.dir, 'locked_key');
    generateKey(file, '-N', 'secret');
    const { tunnel } = open({ identityFile: file });
    expect(await failure(tunnel)).toMatchObject({ code: 'ssh/auth-rejected', params: { tried: ['locked_key'] } });
  });
});

describe('forwarding that the server does not allow', () => {
  it('is told apart from a port where nothing listens', async () => {
    await sshd.stop();
    sshd = await startPrivateSshd(['AllowTcpForwarding no']);
    const { tunnel } = open();
    expect(await failure(tunnel)).toMatchObject({ code: 'ssh/forward-prohibited' });
  });
});

describe('the host key', () => {
  const unknownTo = (sub = 'fresh') => ({ knownHostsFile: join(sshd.dir, sub, 'known_hosts') });

  it('is not trusted at first sight', async () => {
    const { tunnel } = open(unknownTo());
    expect(await failure(tunnel)).toEqual({
      code: 'ssh/host-key-unknown',
      params: { host: '127.0.0.1', keyType: 'ssh-ed25519', fingerprint: sshd.hostFingerprint },
    });
  });

  it('is trusted at first sight when that was asked for, and remembered', async () => {
    const { knownHostsFile } = unknownTo();
    const { tunnel } = open({ knownHostsFile, acceptNewHostKey: true });
    await connected(tunnel);
    expect(readFileSync(knownHostsFile, 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKeyLine}\n`);
    expect(statSync(knownHostsFile).mode & 0o777).toBe(0o600);
  });

  it('stops everything when it has changed, even if new ones are accepted', async () => {
    await sshd.restart({ newHostKey: true });
    const { tunnel } = open({ acceptNewHostKey: true });
    const { knownHostsFile: file, hostFingerprint: knownFingerprint } = sshd;
    const cause = await failure(tunnel);
    expect(cause).toMatchObject({ code: 'ssh/host-key-changed', params: { file, line: 1, knownFingerprint } });
  });

  it('is not used when it is revoked', async () => {
    writeFileSync(sshd.knownHostsFile, `@revoked * ${sshd.hostKeyLine}\n`, { flag: 'a' });
    const { tunnel } = open();
    expect(await failure(tunnel)).toMatchObject({ code: 'ssh/host-key-revoked' });
  });

  it('cannot be judged by a file that cannot be read', async () => {
    rmSync(sshd.knownHostsFile);
    mkdirSync(sshd.knownHostsFile);
    const { tunnel } = open();
    const { knownHostsFile: file } = sshd;
    expect(await failure(tunnel)).toEqual({ code: 'ssh/known-hosts-unreadable', params: { file } });
  });

  it('is trusted by its fingerprint without signing in, and the tunnel goes on', async () => {
    const fresh = unknownTo();
    const { tunnel } = open(fresh);
    await failure(tunnel);
    await trustHostKey(options({ ...fresh, identityFile: '/nonexistent' }), decided(sshd.hostFingerprint), ports);
    tunnel.retryNow();
    expect(await connected(tunnel)).toMatchObject({ status: 'connected' });
  });

  it('is not trusted when it is another one than the person saw', async () => {
    const fresh = unknownTo();
    const trusting = trustHostKey(options(fresh), decided('SHA256:seenbefore'), ports).catch(toErrorInfo);
    expect(await trusting).toMatchObject({
      code: 'ssh/host-key-changed',
      params: { fingerprint: sshd.hostFingerprint, knownFingerprint: 'SHA256:seenbefore' },
    });
    expect(() => statSync(fresh.knownHostsFile)).toThrow('ENOENT');
  });
});

async function freeLocalPort(): Promise<number> {
  const server = await startEcho();
  const port = portOf(server);
  await closed(server);
  return port;
}
