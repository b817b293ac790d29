import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { retryAdvice, toErrorInfo } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import { startPrivateSshd } from './testing/private-sshd.ts';
import { noPrograms, realFiles } from './testing/real-ports.ts';
import { until } from './testing/until.ts';

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll.toReversed()) await close();
  closeAll = [];
});

/** As in draft-miller-ssh-agent §5. */
const LIST = 11;
const LISTED = 12;
const SIGN = 13;

/** An agent that waits for a person: it lists the key and does not sign. */
async function hesitantAgent(path: string, publicKeyFile: string) {
  const asked = { signatures: 0, open: 0 };
  const [, blob = '', ...comment] = readFileSync(publicKeyFile, 'utf8').trim().split(' ');
  const key = Buffer.concat([sized(Buffer.from(blob, 'base64')), sized(Buffer.from(comment.join(' ')))]);
  const listed = sized(Buffer.concat([Buffer.from([LISTED, 0, 0, 0, 1]), key]));
  const server = createServer((socket: Socket) => {
    asked.open += 1;
    socket.on('error', () => {}).on('close', () => (asked.open -= 1));
    socket.on('data', (request) => {
      if (request[4] === LIST) socket.write(listed);
      if (request[4] === SIGN) asked.signatures += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closeAll.push(() => new Promise((resolve) => server.close(resolve)));
  return asked;
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

it('leaves it to a person when the agent does not sign within a minute', async () => {
  const server = await startPrivateSshd();
  closeAll.push(() => server.stop());
  const agentSocket = join(server.dir, 'agent');
  const agent = await hesitantAgent(agentSocket, `${server.identityFile}.pub`);
  const clock = new FakeClock();
  const { target, knownHostsFile } = server;
  const dialer = new Dialer(
    {
      target,
      remoteHost: '127.0.0.1',
      remotePort: 1,
      identityFile: undefined,
      knownHostsFile,
      sshConfigFile: undefined,
      acceptNewHostKey: false,
    },
    {
      clock,
      files: realFiles,
      log: nullLogger,
      runner: noPrograms,
      machine: { homeDir: '/nonexistent', userName: 'ann', agentSocket, platform: 'linux' },
    },
  );
  const dialled = dialer
    .dial({
      signal: new AbortController().signal,
      connectTimeoutMs: 2_000,
      pace: 'kernel',
      afresh: true,
      onResolved: () => {},
    })
    .then(() => undefined, toErrorInfo);
  await until('the request for a signature', () => agent.signatures === 1);
  await settle();
  await clock.advance(60_000);

  const info = await dialled;
  expect(info).toEqual({ code: 'ssh/agent-silent', params: { host: '127.0.0.1', key: 'agent key test key' } });
  expect(info && retryAdvice(info)).toBe('needs-user');
  await until('the end of the connections to the agent', () => agent.open === 0);
  expect([agent.signatures, clock.pendingTimers]).toEqual([1, 0]);
});
