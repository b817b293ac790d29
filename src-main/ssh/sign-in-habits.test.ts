import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { testSsh } from './connection-test.ts';
import { Dialer } from './dialer.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { startAgent } from './testing/real-agent.ts';
import { noPrograms, realClock, realFiles } from './testing/real-ports.ts';

const { signal } = new AbortController();

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll.toReversed()) await close();
  closeAll = [];
});

/** A server that takes few tries, and an agent whose last of five keys is the right one. */
async function strict(maxAuthTries: number) {
  const server = await startPrivateSshd([`MaxAuthTries ${maxAuthTries}`, 'LogLevel VERBOSE']);
  closeAll.push(() => server.stop());
  const others = Array.from({ length: 4 }, (_, index) => join(server.dir, `other${index}`));
  // As on many computers, all with the same comment.
  for (const key of others) generateKey(key);
  const agent = await startAgent(join(server.dir, 'agent'), [...others, server.identityFile]);
  closeAll.push(() => agent.stop());
  const { target, knownHostsFile, port } = server;
  const options = {
    target,
    knownHostsFile,
    remoteHost: '127.0.0.1',
    remotePort: port,
    identityFile: undefined,
    sshConfigFile: undefined,
    acceptNewHostKey: false,
  };
  const machine = { homeDir: '/nonexistent', userName: 'ann', agentSocket: agent.socket, platform: 'linux' } as const;
  const deps = { clock: realClock, files: realFiles, log: nullLogger, runner: noPrograms, machine };
  return { server, options, deps };
}

async function dial(dialer: Dialer): Promise<string | undefined> {
  const request = { connectTimeoutMs: 5_000, pace: 'kernel' as const, afresh: true, onResolved: () => {} };
  const connection = await dialer.dial({ ...request, signal });
  await connection.close();
  return connection.description.signedInWith;
}

const count = (server: PrivateSshd, what: RegExp) => server.log().match(what)?.length ?? 0;
const hangUps = (server: PrivateSshd) => count(server, /maximum authentication attempts exceeded/g);
const refusals = (server: PrivateSshd) => count(server, /Failed publickey/g);

it.each([4, 3])(
  'shows the keys that are left on a second connection to a server that takes %i tries, and then begins with what worked',
  async (maxAuthTries) => {
    const { server, options, deps } = await strict(maxAuthTries);
    const dialer = new Dialer(options, deps);
    expect(await dial(dialer)).toBe('agent key test key');
    expect(hangUps(server)).toBe(1);
    const before = refusals(server);
    expect(before).toBe(4);
    expect(await dial(dialer)).toBe('agent key test key');
    expect([refusals(server), hangUps(server)]).toEqual([before, 1]);
  },
);

// The fourth connection waits until the server has forgotten one.
it('makes two connections at most', { timeout: 20_000 }, async () => {
  const { server, options, deps } = await strict(2);
  const dialer = new Dialer(options, deps);
  await expect(dial(dialer)).rejects.toMatchObject({ info: { params: { untried: 2 } } });
  expect([refusals(server), hangUps(server)]).toEqual([3, 1]);
  // How many the server takes is known from now on.
  await expect(dial(dialer)).rejects.toMatchObject({ info: { code: 'ssh/auth-rejected' } });
  expect([refusals(server), hangUps(server)]).toEqual([5, 1]);
});

it('is one step of the connection test, however many connections it takes', async () => {
  const { options, deps } = await strict(3);
  const steps: string[] = [];
  await testSsh(
    { ...options, engine: 'built-in', localPort: 0 },
    { ...deps, companions: { start: () => Promise.reject(new Error('no program is started')) } },
    { onStep: ({ step, status }) => steps.push(`${step} ${status}`), through: async () => {}, signal },
  );
  expect(steps).toEqual(['dns ok', 'tcp ok', 'host-key ok', 'authentication ok', 'forward ok']);
});
