import type { Server } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Forward, ForwardState, SshEngine } from '../contract/tunnel.ts';
import { readNetworkAddresses } from '../platform/network-addresses.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { createTunnel } from './create-tunnel.ts';
import { closed, dial, portOf, startEcho } from './testing/echo-server.ts';
import { freePort, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realCompanions, realFiles, realRunner } from './testing/real-ports.ts';
import { until } from './testing/until.ts';
import type { Tunnel } from './tunnel.ts';

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, companions: realCompanions, machine };

let sshd: PrivateSshd;
let gateway: Server;
let other: Server;
let tunnel: Tunnel | undefined;

beforeEach(async () => {
  sshd = await startPrivateSshd();
  [gateway, other] = await Promise.all([startEcho(), startEcho()]);
});

afterEach(async () => {
  await tunnel?.stop();
  tunnel = undefined;
  for (const server of [gateway, other]) if (server.listening) await closed(server);
  await sshd.stop();
});

const to = (remotePort: number, localPort = 0): Forward => ({ localPort, remoteHost: '127.0.0.1', remotePort });

function create(forwards: readonly Forward[], engine: SshEngine): Tunnel {
  const opened = createTunnel(
    {
      engine,
      forwards,
      target: sshd.target,
      remoteHost: '127.0.0.1',
      remotePort: portOf(gateway),
      localPort: 0,
      identityFile: sshd.identityFile,
      knownHostsFile: sshd.knownHostsFile,
      sshConfigFile: sshd.emptyConfigFile,
      acceptNewHostKey: false,
    },
    {
      ...ports,
      log: nullLogger,
      readAddresses: readNetworkAddresses,
      random: Math.random,
      onChange: () => {},
      onProbe: () => {},
      onForwards: () => {},
    },
  );
  tunnel = opened;
  return opened;
}

async function open(forwards: readonly Forward[], engine: SshEngine = 'built-in'): Promise<Tunnel> {
  const opened = create(forwards, engine);
  opened.start();
  await until('the line', () => opened.state.status === 'connected');
  return opened;
}

const mainPort = ({ state }: Tunnel): number => (state.status === 'connected' ? state.localPort : 0);

const find = (of: Tunnel, index: number, status: ForwardState['status']): Promise<ForwardState> =>
  until(`forward ${index} ${status}`, () => {
    const forward = of.forwards[index];
    return forward?.status === status && forward;
  });

async function echoes(port: number, text: string): Promise<string> {
  const client = dial(port);
  client.socket.end(text);
  await client.ended;
  return client.text();
}

describe.each<SshEngine>(['built-in', 'system-ssh'])('by the engine %s', (engine) => {
  it('carries several ports on one connection', async () => {
    const opened = await open([to(portOf(other))], engine);
    const { localPort } = await find(opened, 0, 'ready');
    expect(await echoes(localPort, 'further')).toBe('further<end>');
    expect(await echoes(mainPort(opened), 'main')).toBe('main<end>');
  });

  it('says which far end refuses, and goes on with it once that listens; the others never notice', async () => {
    const port = portOf(other);
    await closed(other);
    const opened = await open([to(port), to(portOf(gateway))], engine);
    const { localPort } = await find(opened, 0, 'failed');
    expect(opened.forwards[0]).toMatchObject({
      cause: { code: 'ssh/service-refused', params: { address: `127.0.0.1:${port}` } },
    });
    await find(opened, 1, 'ready');
    expect(await echoes(mainPort(opened), 'main')).toBe('main<end>');
    const answer = echoes(localPort, 'held');
    await until('the held connection', () => opened.held === 1);
    other = await startEcho(port);
    // As the next regular look at the line would.
    opened.resume();
    expect(await answer).toBe('held<end>');
    expect(opened.forwards[0]).toMatchObject({ status: 'ready' });
    expect(opened.state.status).toBe('connected');
  });
});

it('says which local port is taken, and takes it when it is free', async () => {
  const taken = await startEcho();
  const opened = await open([to(portOf(other), portOf(taken))]);
  expect(await find(opened, 0, 'failed')).toMatchObject({
    cause: { code: 'gateway/port-taken', params: { port: portOf(taken) } },
  });
  expect(await echoes(mainPort(opened), 'main')).toBe('main<end>');
  const { localPort } = opened.forwards[0] ?? { localPort: 0 };
  await closed(taken);
  opened.resume();
  await find(opened, 0, 'ready');
  expect(await echoes(localPort, 'free')).toBe('free<end>');
});

it('keeps its ports while the line is rebuilt, and holds who connects', async () => {
  const opened = await open([to(portOf(other))]);
  const { localPort } = await find(opened, 0, 'ready');
  await sshd.kill();
  await find(opened, 0, 'waiting');
  const answer = echoes(localPort, 'held');
  await until('the held connection', () => opened.held === 1);
  await sshd.restart();
  expect(await answer).toBe('held<end>');
});

it('says which one the server forbids, and turns away who comes', async () => {
  await sshd.stop();
  sshd = await startPrivateSshd([`PermitOpen 127.0.0.1:${portOf(gateway)}`]);
  const opened = await open([to(portOf(other))]);
  const { localPort } = await find(opened, 0, 'failed');
  expect(opened.forwards[0]).toMatchObject({ cause: { code: 'ssh/forward-prohibited' } });
  expect(await echoes(localPort, 'no')).toBe('');
  expect(await echoes(mainPort(opened), 'main')).toBe('main<end>');
});

describe('a change of the ports', () => {
  it('leaves what runs alone: on the living line those that stay go on, others come and go', async () => {
    const staying = to(portOf(other), await freePort());
    const going = to(portOf(gateway), await freePort());
    const opened = await open([staying, going]);
    await Promise.all([find(opened, 0, 'ready'), find(opened, 1, 'ready')]);
    const runs = dial(staying.localPort);
    runs.socket.write('one ');
    await until('its echo', () => runs.text() === 'one ');
    const { link } = opened;

    const coming = to(portOf(other), going.localPort);
    expect(await opened.setForwards([coming, staying])).toBe(true);
    await find(opened, 0, 'ready');
    expect(opened.forwards.map(({ remotePort }) => remotePort)).toEqual([coming.remotePort, staying.remotePort]);
    expect(await echoes(coming.localPort, 'new')).toBe('new<end>');
    runs.socket.end('two');
    await runs.ended;
    expect(runs.text()).toBe('one two<end>');
    expect(opened.link).toBe(link);

    await opened.setForwards([]);
    expect(await dial(staying.localPort).ended).toBe('reset');
    expect(await echoes(mainPort(opened), 'main')).toBe('main<end>');
  });

  it('waits with the others while the line is down, and opens nothing once it has stopped', async () => {
    const opened = await open([]);
    await sshd.kill();
    await until('the outage', () => opened.state.status !== 'connected');
    const coming = to(portOf(other), await freePort());
    await opened.setForwards([coming]);
    const answer = echoes(coming.localPort, 'held');
    await until('the held connection', () => opened.held === 1);
    await sshd.restart();
    expect(await answer).toBe('held<end>');

    await opened.stop();
    const late = to(portOf(other), await freePort());
    await opened.setForwards([late]);
    expect(await echoes(late.localPort, 'nobody')).toBe('');
  });

  it('is not lost while the ports are being opened', async () => {
    const [going, coming] = [to(portOf(gateway), await freePort()), to(portOf(other), await freePort())];
    const opened = create([going], 'built-in');
    opened.start();
    expect(await opened.setForwards([coming])).toBe(true);
    await until('the line', () => opened.state.status === 'connected');
    expect(await find(opened, 0, 'ready')).toMatchObject(coming);
    expect(await echoes(coming.localPort, 'new')).toBe('new<end>');
  });

  it('is left to a new line by the ssh of the system', async () => {
    const opened = await open([to(portOf(other))], 'system-ssh');
    expect(await opened.setForwards([])).toBe(false);
    expect(opened.forwards).toHaveLength(1);
  });
});
