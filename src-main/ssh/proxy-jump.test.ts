import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer, type DialOptions } from './dialer.ts';
import type { SshConnection } from './ssh-connection.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';
import { trustHostKey } from './trust-host-key.ts';

const machine = { homeDir: '/nonexistent', userName: 'ann', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine };

let gate: PrivateSshd;
let inner: PrivateSshd;
let studio: PrivateSshd;
let echo: Server;
let closing: SshConnection[];

beforeEach(async () => {
  [gate, inner, studio] = await Promise.all([startPrivateSshd(), startPrivateSshd(), startPrivateSshd()]);
  echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  closing = [];
});

afterEach(async () => {
  for (const connection of closing) await connection.close();
  await Promise.all([gate.stop(), inner.stop(), studio.stop()]);
  echo.close();
});

/** All three servers as hosts of one configuration; `jumps` says who is reached through whom. */
function optionsFor(jumps: Readonly<Record<string, string>>, knownHosts?: string): DialOptions {
  const known = [gate, inner, studio].map(({ knownHostsFile }) => readFileSync(knownHostsFile, 'utf8')).join('');
  const knownHostsFile = join(gate.dir, 'all_known_hosts');
  writeFileSync(knownHostsFile, knownHosts ?? known);
  const hosts = Object.entries({ gate, inner, studio }).map(([name, { port, user, identityFile }]) => {
    const jump = jumps[name] === undefined ? '' : `  ProxyJump ${jumps[name]}\n`;
    return `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}\n  IdentityFile ${identityFile}\n${jump}`;
  });
  const sshConfigFile = join(gate.dir, 'jump_config');
  writeFileSync(sshConfigFile, hosts.join('\n'));
  return {
    target: 'studio',
    remoteHost: '127.0.0.1',
    remotePort: (echo.address() as AddressInfo).port,
    identityFile: undefined,
    knownHostsFile,
    sshConfigFile,
    acceptNewHostKey: false,
  };
}

async function dial(options: DialOptions): Promise<SshConnection> {
  const connection = await new Dialer(options, ports).dial({
    signal: new AbortController().signal,
    connectTimeoutMs: 5_000,
    pace: 'kernel',
    afresh: true,
    onResolved: () => {},
  });
  closing.push(connection);
  return connection;
}

async function echoed(connection: SshConnection, bytes: number): Promise<number> {
  const channel = await connection.openChannel({ address: '127.0.0.1', port: 0 });
  let received = 0;
  channel.on('data', (chunk: Buffer) => (received += chunk.length));
  channel.end(Buffer.alloc(bytes, 'x'));
  await new Promise((resolve) => channel.once('end', resolve));
  return received;
}

it.each<[string, Readonly<Record<string, string>>]>([
  ['one host', { studio: 'gate' }],
  ['two hosts, named together', { studio: 'gate,inner' }],
  ['two hosts, each by its own configuration', { studio: 'inner', inner: 'gate' }],
])('carries bytes through %s', async (_name, jumps) => {
  const connection = await dial(optionsFor(jumps));
  expect(connection.description.host).toBe('studio');
  expect(await echoed(connection, 300_000)).toBe(300_000);
  expect((await connection.probe(4_000)).problem).toBeUndefined();
});

it('shows the key that was chosen for the last host to those on the way only behind their own', async () => {
  const options = optionsFor({ studio: 'gate,inner' });
  await dial({ ...options, identityFile: studio.identityFile });
  // Where a host on the way has none of its own, the chosen one may be meant for it as well.
  const config = readFileSync(options.sshConfigFile ?? '', 'utf8').replaceAll(/^ {2}IdentityFile .*\n/gm, '');
  writeFileSync(options.sshConfigFile ?? '', config);
  for (const { dir } of [gate, inner])
    writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${studio.identityFile}.pub`));
  const connection = await dial({ ...options, identityFile: studio.identityFile });
  expect(await echoed(connection, 1_000)).toBe(1_000);
});

it('is lost with the host in between', async () => {
  const connection = await dial(optionsFor({ studio: 'gate' }));
  await gate.kill();
  expect(await connection.lost).toMatchObject({ info: { code: 'ssh/connection-lost' } });
});

it('leaves no session on any host when it is closed', async () => {
  const connection = await dial(optionsFor({ studio: 'gate,inner' }));
  await connection.close();
  expect(connection.isAlive).toBe(false);
});

it('names the host on the way whose key is not known, and trusts exactly that key when told to', async () => {
  const options = optionsFor({ studio: 'gate' }, readFileSync(studio.knownHostsFile, 'utf8'));
  const cause = await dial(options).catch(toErrorInfo);
  expect(cause).toMatchObject({
    code: 'ssh/host-key-unknown',
    params: { host: 'gate', fingerprint: gate.hostFingerprint },
  });
  await trustHostKey({ ...options, localPort: 0 }, { fingerprint: gate.hostFingerprint, how: 'always' }, ports);
  expect(await echoed(await dial(options), 10)).toBe(10);
});

it('ends a configuration that jumps in a circle', async () => {
  const cause = await dial(optionsFor({ studio: 'gate', gate: 'studio' })).catch(toErrorInfo);
  expect(cause).toMatchObject({ code: 'ssh/too-many-jumps' });
});
