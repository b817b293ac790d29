import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { FakeClock, settle } from '../../platform/testing/fake-clock.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { Outbox } from './outbox.ts';
import { POLICY } from './policy.ts';

const MEBIBYTE = 'x'.repeat(1024 * 1024);

let server: WebSocketServer;
let client: WebSocket;
let socket: WebSocket;
let clock: FakeClock;
let outbox: Outbox;
beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
  [socket] = (await once(server, 'connection')) as [WebSocket];
  await once(client, 'open');
  clock = new FakeClock();
  outbox = new Outbox(socket, { clock, log: nullLogger, connId: 'c' });
});
afterEach(async () => {
  client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** More than may wait, to a client that reads nothing. */
function overfill(): number {
  client.pause();
  let sent = 0;
  while (socket.readyState === socket.OPEN && sent < 200) {
    outbox.send(MEBIBYTE);
    sent += 1;
  }
  return sent;
}

it('drops a client that does not read, with the reason, and holds no more than it may', async () => {
  expect(overfill()).toBeLessThan(POLICY.maxBufferedBytes / MEBIBYTE.length + 8);
  expect(socket.bufferedAmount).toBeLessThan(POLICY.maxBufferedBytes + 2 * MEBIBYTE.length);
  // Nothing is kept for it from now on.
  const before = socket.bufferedAmount;
  outbox.send(MEBIBYTE);
  expect(socket.bufferedAmount).toBe(before);
  client.resume();
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  expect([code, reason.toString('utf8')]).toEqual([1008, 'slow consumer']);
  await settle();
  expect(clock.pendingTimers).toBe(0);
});

it('ends the socket of one that does not even read the reason', async () => {
  overfill();
  const closed = once(socket, 'close');
  await clock.advance(1_000);
  await closed;
  expect(clock.pendingTimers).toBe(0);
});

it('says nothing to a socket that is closing', () => {
  socket.close();
  outbox.send('late');
  expect(socket.bufferedAmount).toBe(0);
});
