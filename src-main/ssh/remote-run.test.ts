import { afterAll, beforeAll, expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import type { SshConnection } from './ssh-connection.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';

const machine = { homeDir: '/nonexistent', userName: 'nobody', agentSocket: undefined, platform: process.platform };
const ports = { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine };
const LIMITS = { timeoutMs: 10_000, maxBytes: 4_096 };

let sshd: PrivateSshd;
let link: SshConnection;

async function dial(server: PrivateSshd): Promise<SshConnection> {
  const options = {
    target: server.target,
    remoteHost: '127.0.0.1',
    remotePort: 9,
    identityFile: server.identityFile,
    knownHostsFile: server.knownHostsFile,
    sshConfigFile: server.emptyConfigFile,
    acceptNewHostKey: false,
  };
  const { signal } = new AbortController();
  const request = { signal, connectTimeoutMs: 10_000, pace: 'kernel' as const, afresh: true, onResolved: () => {} };
  return new Dialer(options, ports).dial(request);
}

beforeAll(async () => {
  sshd = await startPrivateSshd();
  link = await dial(sshd);
});
afterAll(async () => {
  await link.close();
  await sshd.stop();
});

it('brings back what a program says and how it ends, and gives it nothing to read', async () => {
  const run = await link.run('cat; echo out; echo err >&2; exit 7', LIMITS);
  expect(run).toEqual({ status: 'done', exitCode: 7, stdout: 'out\n' });
});

it('tells a program that is not there', async () => {
  const run = await link.run(`exec "$SHELL" -lc 'no-such-program --json'`, LIMITS);
  expect(run).toMatchObject({ status: 'done', exitCode: 127 });
});

it('does not wait for ever, and the line is as well as before', async () => {
  expect(await link.run('sleep 60', { ...LIMITS, timeoutMs: 100 })).toEqual({ status: 'timeout' });
  expect(await link.run('echo still', LIMITS)).toMatchObject({ stdout: 'still\n' });
});

it('ends when nobody wants it any more, and begins nothing then', async () => {
  const abort = new AbortController();
  const run = link.run('sleep 60', { ...LIMITS, signal: abort.signal });
  abort.abort();
  expect(await run).toEqual({ status: 'cancelled' });
  expect(await link.run('echo never', { ...LIMITS, signal: abort.signal })).toEqual({ status: 'cancelled' });
});

it('stops reading what has no end, also where it is not kept', async () => {
  expect(await link.run('yes', LIMITS)).toEqual({ status: 'too-long' });
  expect(await link.run('yes >&2', LIMITS)).toEqual({ status: 'too-long' });
});

it('says so when the line breaks meanwhile', async () => {
  const own = await dial(sshd);
  const run = own.run('sleep 60', LIMITS);
  await own.close();
  expect(await run).toEqual({ status: 'lost' });
});

it('says so when the server runs nothing', async () => {
  const closed = await startPrivateSshd(['MaxSessions 0']);
  const own = await dial(closed);
  expect(await own.run('id', LIMITS)).toEqual({ status: 'refused' });
  await own.close();
  await closed.stop();
});
