import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { closed, dial, portOf, startEcho } from './testing/echo-server.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realFiles, realRunner } from './testing/real-ports.ts';
import { until } from './testing/until.ts';
import { Tunnel } from './tunnel.ts';

/** GANGWAY_WAKES=1000 is the long form. */
const WAKES = Number(process.env['GANGWAY_WAKES'] ?? 100);
const LOSE_LINE_EVERY = 25;
const MIB = 1024 * 1024;

// Real servers on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let sshd: PrivateSshd;
let echo: Server;
let clock: FakeClock;
let tunnels: Tunnel[];

beforeEach(async () => {
  sshd = await startPrivateSshd();
  echo = await startEcho();
  clock = new FakeClock(Date.now());
  tunnels = [];
});

afterEach(async () => {
  for (const tunnel of tunnels) await stop(tunnel);
  // First, for what is frozen over there keeps its connections.
  await sshd.stop();
  await closed(echo);
});

/** A server that is silent gets a moment to say good-bye. */
async function stop(tunnel: Tunnel): Promise<void> {
  const stopped = tunnel.stop();
  while (tunnel.state.status !== 'stopped') await clock.advance(50);
  await stopped;
}

/** A tunnel to the real server whose time moves only when told to. */
async function open(sshPort = sshd.port) {
  let probes = 0;
  const options = {
    target: `${sshd.user}@127.0.0.1:${sshPort}`,
    remoteHost: '127.0.0.1',
    remotePort: portOf(echo),
    localPort: 0,
    identityFile: sshd.identityFile,
    knownHostsFile: sshd.knownHostsFile,
    sshConfigFile: sshd.emptyConfigFile,
    acceptNewHostKey: true,
  };
  const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
  const tunnel = new Tunnel(options, {
    clock,
    files: realFiles,
    runner: realRunner,
    log: nullLogger,
    machine,
    random: () => 0,
    readAddresses: () => ['127.0.0.1'],
    onChange: () => {},
    onProbe: () => (probes += 1),
  });
  tunnels.push(tunnel);
  tunnel.start();
  const connected = await until(
    'a connected tunnel',
    () => tunnel.state.status === 'connected' && tunnel.state,
    20_000,
  );
  return { tunnel, localPort: connected.localPort, probed: () => probes };
}

it('declares a server down within 10 s that takes everything and says nothing', async () => {
  const { tunnel, localPort } = await open();
  const before = tunnel.state;
  sshd.freezeSessions();
  await clock.advance(9_600);
  expect(tunnel.state).not.toBe(before);
  await until('another line', () => tunnel.state.status === 'connected', 20_000);
  const client = dial(localPort);
  client.socket.end('still here');
  await client.ended;
  expect(client.text()).toBe('still here<end>');
});

it('declares a path down within 10 s that swallows everything, and is back when it carries again', async () => {
  const relay = await startRelay(sshd.port);
  const { tunnel, localPort } = await open(relay.port);
  relay.swallow();
  await clock.advance(9_600);
  expect(tunnel.state.status).not.toBe('connected');
  const client = dial(localPort);
  client.socket.end('held');
  await until('a held connection', () => tunnel.held === 1);
  relay.carry();
  while (tunnel.state.status !== 'connected') {
    // An attempt takes its own time; only the pauses are ours to shorten.
    if (tunnel.state.status === 'waiting') await clock.advance(50);
    else await settle();
  }
  await client.ended;
  expect(client.text()).toBe('held<end>');
  await stop(tunnel);
  await relay.stop();
});

it('waits out a network that answers with a page in the place of a server that it knows', async () => {
  const { tunnel, localPort } = await open();
  await sshd.kill();
  const portal = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 302 Found\r\n\r\n<p>Please sign in</p>'));
  });
  await new Promise<void>((resolve) => portal.listen(sshd.port, '127.0.0.1', resolve));
  const causes = new Set<string>();
  const look = async (): Promise<void> => {
    const { state } = tunnel;
    if (state.status !== 'waiting') return settle();
    if (state.cause.code === 'ssh/host-unreachable') causes.add(state.cause.params.reason);
    await clock.advance(50);
  };
  while (!causes.has('not-ssh')) await look();
  const client = dial(localPort);
  client.socket.end('held');
  await closed(portal);
  await sshd.restart();
  while (tunnel.state.status !== 'connected') await look();
  await client.ended;
  expect(client.text()).toBe('held<end>');
});

it(
  `sleeps and wakes ${WAKES} times without leaving a socket, a timer or memory`,
  async () => {
    const { tunnel, probed, localPort } = await open();
    const wake = async (round: number): Promise<void> => {
      const losesLine = round % LOSE_LINE_EVERY === LOSE_LINE_EVERY - 1;
      const before = probed();
      tunnel.suspend();
      expect(clock.pendingTimers).toBe(0);
      if (losesLine) sshd.freezeSessions();
      clock.sleep(3_600_000);
      tunnel.resume();
      if (losesLine) await clock.advance(20);
      while (probed() === before) await settle();
      // Long enough for a line that was replaced to be closed.
      if (losesLine) await clock.advance(3_000);
    };
    for (let round = 0; round < LOSE_LINE_EVERY; round += 1) await wake(round);
    const heapBefore = heapBytes();
    const socketsBefore = await sockets();
    for (let round = 0; round < WAKES; round += 1) await wake(round);
    expect(await sockets()).toBeLessThanOrEqual(socketsBefore);
    expect(heapBytes() - heapBefore).toBeLessThan(6 * MIB);
    const client = dial(localPort);
    client.socket.end('awake');
    await client.ended;
    expect(client.text()).toBe('awake<end>');
    await stop(tunnel);
    expect(clock.pendingTimers).toBe(0);
    expect(tunnel.state).toEqual({ status: 'stopped' });
    client.socket.destroy();
    await expect.poll(sockets).toBe(0);
  },
  60_000 + WAKES * 300,
);

/** Without those of the echo server, which a frozen server over there keeps open. */
async function sockets(): Promise<number> {
  const all = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  return all - (await promisify(echo.getConnections.bind(echo))());
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** A way to a port that can be made to keep every connection and lose every byte. */
async function startRelay(toPort: number) {
  const ends = new Set<Socket>();
  let carries = true;
  const join = (from: Socket, to: Socket): void => {
    ends.add(from);
    from.on('error', () => {}).on('data', (chunk) => carries && to.write(chunk));
    from.once('close', () => to.destroy());
  };
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    join(near, far);
    join(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => (carries = false),
    /** What was begun while it swallowed stays broken. */
    carry: () => {
      for (const end of ends) end.destroy();
      ends.clear();
      carries = true;
    },
    stop: async () => {
      for (const end of ends) end.destroy();
      await closed(server);
    },
  };
}
