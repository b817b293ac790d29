import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';

/** OpenSSH 10 holds 5 s against an address for each connection that is refused, and shuts it out from 15 s on. */
const [REFUSED_S, SHUT_OUT_S] = [5, 15];

/** Counts who connects. Leads on to `port`; without one it hangs up, as a proxy does whose server is away. */
async function startDoor(port?: number) {
  const sockets = new Set<Socket>();
  const connectedAtMs: number[] = [];
  const server = createServer((socket) => {
    connectedAtMs.push(performance.now());
    if (port === undefined) return socket.destroy();
    const onward = connect(port, '127.0.0.1');
    for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connectedAtMs,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The most that a server ever held against us, in seconds, were each connection refused. */
function worstDebt(connectedAtMs: readonly number[]): number {
  let [debt, lastMs, worst] = [0, 0, 0];
  for (const atMs of connectedAtMs) {
    debt = Math.max(0, debt - (atMs - lastMs) / 1_000) + REFUSED_S;
    [lastMs, worst] = [atMs, Math.max(worst, debt)];
  }
  return worst;
}

test('retries and tests with a wrong key never add up to a penalty', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  using door = await startDoor(sshd.port);
  await prepareLaptop(home, null);
  const knownHosts = await readFile(sshd.knownHostsFile, 'utf8');
  await writeFile(sshd.knownHostsFile, knownHosts.replaceAll(`:${sshd.port} `, `:${door.port} `));
  const authorized = await readFile(sshd.authorizedKeysFile, 'utf8');
  await writeFile(sshd.authorizedKeysFile, '');
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  const throughDoor = words.map((word) => (word === sshd.target ? `${sshd.user}@127.0.0.1:${door.port}` : word));
  await runCli([...throughDoor, '--token-file', desk.tokenFile], { home });

  expect((await runCli(['use', 'Studio'], { home })).stdout).toContain('refused');
  for (const again of [
    ['test', 'Studio'],
    ['retry', 'Studio'],
    ['test', 'Studio'],
    ['retry', 'Studio'],
  ]) {
    const { stdout } = await runCli(again, { home });
    expect(stdout).toContain('refused');
  }
  expect(door.connectedAtMs).toHaveLength(5);
  expect(worstDebt(door.connectedAtMs)).toBeLessThan(SHUT_OUT_S);

  await writeFile(sshd.authorizedKeysFile, authorized);
  expect((await runCli(['retry', 'Studio'], { home })).stdout).toContain('Studio: connected');
});

test('nobody who looks at a gateway connects to its server', async ({ home, sshd }) => {
  using door = await startDoor();
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: 1, local: await freePort() });
  await runCli(
    words.map((word) => (word === sshd.target ? `ann@127.0.0.1:${door.port}` : word)),
    { home },
  );
  const startMs = performance.now();
  await runCli(['use', 'Studio'], { home });
  await using watching = startCli(['events', '--json'], { home });
  await watching.waitForJson();
  const looks = ['status', 'gateways', 'env', 'status', 'gateways', 'env'];
  for (const look of looks) await runCli([look], { home });
  const tookMs = performance.now() - startMs;
  // The first, and those after pauses of 0.1 s times two to the number, a quarter less at most.
  let [allowed, dueMs] = [1, 0];
  while ((dueMs += Math.min(5_000, 100 * 2 ** allowed) * 0.75) < tookMs) allowed += 1;
  expect(door.connectedAtMs.length).toBeGreaterThan(2);
  expect(door.connectedAtMs.length).toBeLessThanOrEqual(allowed);
});
