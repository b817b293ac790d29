import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { describeError, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import type { Machine } from './resolve-host.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { startAgent } from './testing/real-agent.ts';
import { noPrograms, realClock, realFiles, realRunner } from './testing/real-ports.ts';
import { until } from './testing/until.ts';

const machine: Machine = { homeDir: '/nonexistent', userName: 'ann', agentSocket: undefined, platform: 'linux' };
const ports = { clock: realClock, files: realFiles, log: nullLogger };
const request = (signal = new AbortController().signal) => ({
  signal,
  connectTimeoutMs: 2_000,
  pace: 'kernel' as const,
  afresh: true,
  onResolved: () => {},
});

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll) await close();
  closeAll = [];
});

function dialerFor(
  target: string,
  changes: Partial<ConstructorParameters<typeof Dialer>[0]> = {},
  agentSocket?: string,
) {
  return new Dialer(
    {
      target,
      remoteHost: '127.0.0.1',
      remotePort: 1,
      identityFile: undefined,
      knownHostsFile: '/nonexistent/known_hosts',
      sshConfigFile: undefined,
      acceptNewHostKey: false,
      ...changes,
    },
    { ...ports, runner: noPrograms, machine: { ...machine, agentSocket } },
  );
}

/** Something that is not, or not quite, an SSH server. */
async function impostor(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAll.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ann@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function sshd(extraConfig: readonly string[] = []): Promise<PrivateSshd> {
  const server = await startPrivateSshd(extraConfig);
  closeAll.push(() => server.stop());
  return server;
}

describe('what answers is no SSH server', () => {
  it.each<[string, (socket: Socket) => void, object]>([
    ['hangs up', (socket) => socket.end(), { code: 'ssh/host-unreachable', params: { reason: 'reset' } }],
    ['resets', (socket) => socket.resetAndDestroy(), { code: 'ssh/host-unreachable', params: { reason: 'reset' } }],
    [
      'says that it has had enough of us',
      (socket) => socket.end('Not allowed at this time\r\n'),
      { code: 'ssh/host-unreachable', params: { reason: 'throttled' } },
    ],
    [
      'has too many others',
      (socket) => socket.end('Exceeded MaxStartups\r\n'),
      { code: 'ssh/host-unreachable', params: { reason: 'throttled' } },
    ],
    [
      'speaks of SSH only in part',
      (socket) => socket.end('SSH-nonsense\r\n'),
      { code: 'ssh/handshake-failed', params: { problem: 'what answers there is not an SSH server' } },
    ],
    [
      'shows a page',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      { code: 'ssh/handshake-failed', params: { problem: 'what answers there is not an SSH server' } },
    ],
    [
      'never ends its first line',
      (socket) => socket.write('x'.repeat(100_000)),
      { code: 'ssh/handshake-failed', params: { problem: 'what answers there is not an SSH server' } },
    ],
  ])('and %s', async (_what, behave, failure) => {
    const target = await impostor(behave);
    expect(await dialerFor(target).dial(request()).catch(toErrorInfo)).toMatchObject(failure);
  });

  it('and says nothing, until the attempt is aborted', async () => {
    let connections = 0;
    const target = await impostor(() => (connections += 1));
    const abort = new AbortController();
    const dialling = dialerFor(target).dial(request(abort.signal));
    await until('a connection', () => connections === 1);
    abort.abort(new Error('changed my mind'));
    await expect(dialling).rejects.toThrow('changed my mind');
  });
});

it('tells an unknown name from an unreachable host', async () => {
  const failure = await dialerFor('ann@host.invalid').dial(request()).catch(toErrorInfo);
  expect(failure).toEqual({ code: 'ssh/host-unknown', params: { host: 'host.invalid' } });
});

it('names what it has not in common with a server', async () => {
  for (const [config, what] of [
    ['Ciphers 3des-cbc', 'cipher'],
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'key exchange'],
  ] as const) {
    const { target, knownHostsFile } = await sshd([config]);
    const failure = await dialerFor(target, { knownHostsFile }).dial(request()).catch(toErrorInfo);
    expect(failure).toMatchObject({ code: 'ssh/no-common-algorithm', params: { what } });
    expect(describeError(failure as ErrorInfo).action).toBe('use-system-ssh');
  }
});

it('asks for the key type it knows, though the server has a better one', async () => {
  const server = await sshd();
  const ecdsa = join(server.dir, 'host_ecdsa');
  generateKey(ecdsa, '-t', 'ecdsa');
  writeFileSync(join(server.dir, 'sshd_config'), `HostKey ${ecdsa}\n`, { flag: 'a' });
  await server.restart();
  const line = execFileSync('ssh-keygen', ['-yf', ecdsa], { encoding: 'utf8' });
  writeFileSync(server.knownHostsFile, `[127.0.0.1]:${server.port} ${line}`);
  const { target, knownHostsFile, identityFile } = server;
  const connection = await dialerFor(target, { knownHostsFile, identityFile }).dial(request());
  expect(connection.isAlive).toBe(true);
  await connection.close();
  expect(connection.isAlive).toBe(false);
});

async function agentWith(dir: string, keys: readonly string[]): Promise<string> {
  const agent = await startAgent(join(dir, 'agent'), keys);
  closeAll.unshift(() => agent.stop());
  return agent.socket;
}

it.each([
  [6, 5, 3],
  // Two on a first connection, and no more on the second than would end it.
  [2, 3, 5],
])('says how many keys were left when a server takes %i refusals', async (maxAuthTries, shown, untried) => {
  const { target, user, knownHostsFile, dir } = await sshd([`MaxAuthTries ${maxAuthTries}`]);
  const keys = Array.from({ length: 8 }, (_, index) => join(dir, `other${index}`));
  for (const key of keys) generateKey(key, '-C', basename(key));
  const socket = await agentWith(dir, keys);
  const cause = await dialerFor(target, { knownHostsFile }, socket).dial(request()).catch(toErrorInfo);
  const tried = keys.slice(0, shown).map((key) => `agent key ${basename(key)}`);
  expect(cause).toEqual({ code: 'ssh/auth-rejected', params: { host: '127.0.0.1', user, tried, untried } });
  expect(describeError(cause as ErrorInfo).body).toContain(`${untried} more keys were not shown`);
});

it('signs in with a key of the agent alone', async () => {
  const { target, knownHostsFile, identityFile, dir } = await sshd();
  const socket = await agentWith(dir, [identityFile]);
  const connection = await dialerFor(target, { knownHostsFile }, socket).dial(request());
  expect(connection.description.signedInWith).toBe('agent key test key');
  await connection.close();
});

it('follows an alias of the SSH configuration', async () => {
  const { port, user, knownHostsFile, identityFile, dir } = await sshd();
  const sshConfigFile = join(dir, 'config');
  writeFileSync(
    sshConfigFile,
    `Host studio\n HostName 127.0.0.1\n Port ${port}\n User ${user}\n IdentityFile ${identityFile}\n UserKnownHostsFile ${knownHostsFile}\n`,
  );
  const options = { target: 'studio', remoteHost: '127.0.0.1', remotePort: 1, acceptNewHostKey: false };
  const dialer = new Dialer(
    { ...options, identityFile: undefined, knownHostsFile: undefined, sshConfigFile },
    { ...ports, runner: realRunner, machine },
  );
  const connection = await dialer.dial(request());
  expect(connection.description).toEqual({ host: 'studio', port, user, signedInWith: 'id_ed25519' });
  await connection.close();
});
