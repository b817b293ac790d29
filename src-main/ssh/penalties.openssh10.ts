import type { Server } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { SshEngine, TunnelState } from '../contract/tunnel.ts';
import { readNetworkAddresses } from '../platform/network-addresses.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { createTunnel } from './create-tunnel.ts';
import { closed, dial, portOf, startEcho } from './testing/echo-server.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realCompanions, realFiles, realRunner } from './testing/real-ports.ts';
import { until } from './testing/until.ts';
import type { Tunnel } from './tunnel.ts';

/**
 * OpenSSH since 9.8 shuts out an address that connects too often without signing in (PerSourcePenalties of
 * sshd_config(5)). Nothing that happens to a tunnel may make us such an address.
 */
const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, companions: realCompanions, machine };
const ENGINES: readonly SshEngine[] = ['built-in', 'system-ssh'];
/** In sshd's log, of a connection that was turned away for what came before it. A penalty that is too small is put off. */
const SHUT_OUT = /Not allowed at this time|drop connection/;

let sshd: PrivateSshd;
let echo: Server;
let tunnel: Tunnel | undefined;

beforeEach(async () => {
  sshd = await startPrivateSshd(['LogLevel VERBOSE']);
  echo = await startEcho();
});

afterEach(async () => {
  await tunnel?.stop();
  tunnel = undefined;
  // A session that was frozen holds its connections for as long as it lives.
  await sshd.stop();
  await closed(echo);
});

function open(engine: SshEngine, identityFile = sshd.identityFile) {
  const states: TunnelState[] = [];
  const opened = createTunnel(
    {
      engine,
      identityFile,
      target: sshd.target,
      remoteHost: '127.0.0.1',
      remotePort: portOf(echo),
      localPort: 0,
      knownHostsFile: sshd.knownHostsFile,
      sshConfigFile: sshd.emptyConfigFile,
      acceptNewHostKey: false,
    },
    {
      ...ports,
      log: nullLogger,
      readAddresses: readNetworkAddresses,
      random: Math.random,
      onChange: (state) => states.push(state),
      onProbe: () => {},
    },
  );
  tunnel = opened;
  opened.start();
  return { tunnel: opened, states };
}

const isUp = (opened: Tunnel) => () => opened.state.status === 'connected';

/** Resolves with what a client got through the tunnel. */
async function echoed(opened: Tunnel): Promise<string> {
  await until('the line', isUp(opened), 20_000);
  const client = dial(opened.state.status === 'connected' ? opened.state.localPort : 0);
  client.socket.end('well');
  await client.ended;
  return client.text();
}

it('is a server that has penalties, and hands them out', { timeout: 20_000 }, async () => {
  for (let connection = 0; connection < 25 && !SHUT_OUT.test(sshd.log()); connection += 1) {
    const { socket } = dial(sshd.port);
    await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    socket.destroy();
  }
  await until('a penalty', () => SHUT_OUT.test(sshd.log()));
  expect(sshd.log()).toMatch(SHUT_OUT);
});

it.each(ENGINES)('%s: never after restarts of the server', { timeout: 60_000 }, async (engine) => {
  const { tunnel: opened, states } = open(engine);
  for (let restart = 0; restart < 6; restart += 1) {
    await until('the line', isUp(opened), 20_000);
    const before = states.length;
    await sshd.restart();
    await until('the loss', () => states.length > before);
  }
  expect(await echoed(opened)).toBe('well<end>');
  expect(sshd.log()).not.toMatch(SHUT_OUT);
});

it.each(ENGINES)('%s: never after refusals, however many', { timeout: 60_000 }, async (engine) => {
  const { tunnel: opened, states } = open(engine);
  await until('the line', isUp(opened), 20_000);
  await sshd.kill();
  await until('refusals', () => states.filter(({ status }) => status === 'waiting').length >= 5, 30_000);
  await sshd.restart();
  expect(await echoed(opened)).toBe('well<end>');
  expect(sshd.log()).not.toMatch(SHUT_OUT);
});

it.each(ENGINES)('%s: never by a wrong key, which is shown once', { timeout: 20_000 }, async (engine) => {
  const wrong = join(sshd.dir, 'wrong');
  generateKey(wrong);
  const { states } = open(engine, wrong);
  const failed = await until('the failure', () => states.find(({ status }) => status === 'failed'));
  expect((failed as { readonly cause: ErrorInfo }).cause.code).toBe('ssh/auth-rejected');
  await until('the end of it', () => /^(Connection (closed|reset)|Disconnected from)/m.test(sshd.log()));
  expect(sshd.log().match(/^Connection from/gm)?.length).toBe(1);
  await tunnel?.stop();
  expect(await echoed(open(engine).tunnel)).toBe('well<end>');
  expect(sshd.log()).not.toMatch(SHUT_OUT);
});

it.each(ENGINES)('%s: never by a person who tries a wrong key again and again', { timeout: 60_000 }, async (engine) => {
  const wrong = join(sshd.dir, 'wrong');
  generateKey(wrong);
  const { tunnel: opened, states } = open(engine, wrong);
  const failures = () => states.filter(({ status }) => status === 'failed').length;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await until('the failure', () => failures() === attempt, 20_000);
    opened.retryNow();
  }
  await until('the last failure', () => failures() === 6, 20_000);
  expect(sshd.log()).not.toMatch(SHUT_OUT);
  await opened.stop();
  expect(await echoed(open(engine).tunnel)).toBe('well<end>');
});

it.each(ENGINES)('%s: never by a race of dials', { timeout: 240_000 }, async (engine) => {
  const { tunnel: opened, states } = open(engine);
  for (let wake = 0; wake < 4; wake += 1) {
    await until('the line', isUp(opened), 20_000);
    const before = states.length;
    sshd.freezeSessions();
    for (let again = 0; again < 3; again += 1) opened.resume();
    // What was on its way when the session froze may pass for a sign of life: then the next regular look finds out.
    await until('the loss', () => states.length > before, 25_000);
  }
  expect(await echoed(opened)).toBe('well<end>');
  expect(sshd.log()).not.toMatch(SHUT_OUT);
});
