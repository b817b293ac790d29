import { Duplex } from 'node:stream';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { SshConnection } from './ssh-connection.ts';
import type { Wire } from './wire.ts';

const LIMIT_MS = 2_000;

/** A socket whose counters a test sets. */
class CountedWire extends Duplex implements Wire {
  bytesRead = 0;
  bytesWritten = 0;
  queued = 0;

  constructor() {
    super();
    Object.defineProperty(this, 'writableLength', { get: () => this.queued });
  }

  override _read(): void {}
  override _write(): void {}
}

/** A connection whose server never answers a question. */
function silentServer() {
  const clock = new FakeClock();
  const socket = new CountedWire();
  const client = Object.assign(new ssh2.Client(), { unforwardIn: () => client });
  const description = { host: 'studio', port: 22, user: 'ann', signedInWith: undefined };
  const remote = { host: '127.0.0.1', port: 18_789 };
  const connection = new SshConnection({ client, socket, below: undefined, description, remote, clock });
  const probe = async (during: () => void) => {
    const answer = connection.probe(LIMIT_MS);
    during();
    await clock.advance(LIMIT_MS);
    return (await answer).problem?.info.code;
  };
  return { socket, probe };
}

it('is lost when nothing moves', async () => {
  const { probe } = silentServer();
  expect(await probe(() => {})).toBe('ssh/connection-lost');
});

it('is alive when anything comes, for bulk data holds answers up', async () => {
  const { socket, probe } = silentServer();
  expect(await probe(() => (socket.bytesRead += 1))).toBeUndefined();
});

it('is alive when a full queue moves: the other side has acknowledged what went before', async () => {
  const { socket, probe } = silentServer();
  socket.bytesWritten = socket.queued = 300_000;
  expect(await probe(() => (socket.queued -= 64_000))).toBeUndefined();
});

it('is lost when a full queue stands still, however much is added to it', async () => {
  const { socket, probe } = silentServer();
  socket.bytesWritten = socket.queued = 300_000;
  const add = () => (socket.bytesWritten = socket.queued += 64_000);
  expect(await probe(add)).toBe('ssh/connection-lost');
});

it('is lost when the kernel takes what nobody acknowledges', async () => {
  const { socket, probe } = silentServer();
  expect(await probe(() => (socket.bytesWritten += 64_000))).toBe('ssh/connection-lost');
});
