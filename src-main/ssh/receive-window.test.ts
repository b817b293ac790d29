import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { settle } from '../platform/testing/fake-clock.ts';
import type { Channel } from './link.ts';
import { manageReceiveWindow, WindowBudget } from './receive-window.ts';
import { openLine, startDelay } from './testing/open-line.ts';
import { startPrivateSshd } from './testing/private-sshd.ts';

const MIB = 1024 * 1024;
const PACKET = 32 * 1024;

/** A channel as ssh2 opens it, and what the server is allowed on it. */
class OpenedChannel extends Duplex implements Channel {
  readonly incoming = { window: 2 * MIB };
  readonly outgoing = { id: 7, state: 'open' };
  readonly stderr = new Duplex({ read: () => {} });
  close(): void {
    this.emit('close');
  }
  override _read(): void {}
}

function server({ rttMs, budget = new WindowBudget() }: { rttMs: number; budget?: WindowBudget }) {
  let nowMs = 0;
  let overflows = 0;
  let leftBytes = 2 * MIB;
  const allowed: number[] = [];
  const client = new ssh2.Client();
  const allow = (id: number, bytes: number) => {
    expect(id).toBe(7);
    leftBytes += bytes;
    allowed.push(bytes);
  };
  Object.assign(client, { _protocol: { channelWindowAdjust: allow } });
  const channel = new OpenedChannel({ readableHighWaterMark: 2 * MIB });
  manageReceiveWindow(channel, {
    client,
    budget,
    readRttMs: () => rttMs,
    now: () => nowMs,
    onOverflow: () => (overflows += 1),
  });
  const send = (bytes: number) => {
    for (let sent = 0; sent < bytes; sent += PACKET) {
      leftBytes -= PACKET;
      channel.push(Buffer.alloc(PACKET));
    }
  };
  return {
    channel,
    send,
    allowed,
    /** As fast as the window lets it, for so many round trips. */
    rush: (trips: number) => {
      for (let trip = 0; trip < trips; trip += 1) {
        const window = leftBytes;
        nowMs += rttMs;
        send(window - (window % PACKET));
      }
    },
    wait: (ms: number) => (nowMs += ms),
    leftBytes: () => leftBytes,
    overflows: () => overflows,
  };
}

async function flow(channel: Channel): Promise<void> {
  channel.on('data', () => {});
  await settle();
}

it('renews 2 MiB when half is used, nearby', async () => {
  const { channel, send, allowed, leftBytes } = server({ rttMs: 0.2 });
  await flow(channel);
  send(MIB - PACKET);
  expect(allowed).toEqual([]);
  send(PACKET);
  expect(allowed).toEqual([MIB]);
  send(40 * MIB);
  expect(leftBytes()).toBe(2 * MIB);
});

it('grows to 16 MiB for a server far away that keeps the line full', async () => {
  const { channel, rush, leftBytes } = server({ rttMs: 80 });
  await flow(channel);
  rush(8);
  expect(leftBytes()).toBeGreaterThan(14 * MIB);
  expect(leftBytes()).toBeLessThanOrEqual(16 * MIB);
});

it('stays as it is for a path that is slow', async () => {
  const { channel, send, wait, leftBytes } = server({ rttMs: 80 });
  await flow(channel);
  for (let trip = 0; trip < 50; trip += 1) {
    send(2 * PACKET);
    wait(80);
  }
  expect(leftBytes()).toBeLessThanOrEqual(2 * MIB);
});

it('stays small for a reader that lags behind: more would only lie here', () => {
  const { channel, send, wait, leftBytes } = server({ rttMs: 80 });
  for (let trip = 0; trip < 20; trip += 1) {
    send(leftBytes());
    wait(80);
    while (channel.readableLength > MIB) channel.read(PACKET);
  }
  expect(leftBytes() + channel.readableLength).toBeLessThanOrEqual(2 * MIB);
});

it('grows although each burst has to wait a moment for the reader', () => {
  const { channel, send, wait, leftBytes } = server({ rttMs: 80 });
  for (let trip = 0; trip < 12; trip += 1) {
    send(leftBytes() - (leftBytes() % PACKET));
    while (channel.read(PACKET) !== null);
    wait(80);
  }
  expect(leftBytes()).toBeGreaterThan(14 * MIB);
});

it('becomes small again when little comes', async () => {
  const { channel, rush, send, wait, leftBytes } = server({ rttMs: 80 });
  await flow(channel);
  rush(8);
  for (let trip = 0; trip < 400; trip += 1) {
    send(2 * PACKET);
    wait(80);
  }
  expect(leftBytes()).toBeLessThanOrEqual(2 * MIB);
});

it('lets the server wait while nobody reads, and goes on afterwards', () => {
  const { channel, send, allowed, leftBytes } = server({ rttMs: 80 });
  send(2 * MIB);
  expect(allowed).toEqual([]);
  expect(leftBytes()).toBe(0);
  while (channel.read() !== null);
  expect(leftBytes()).toBe(2 * MIB);
});

it('shares 64 MiB of growth among all channels, and gets back what a closed one had', async () => {
  const budget = new WindowBudget();
  const full = Array.from({ length: 6 }, () => server({ rttMs: 80, budget }));
  for (const { channel, rush } of full) {
    await flow(channel);
    rush(8);
  }
  const total = () => full.reduce((sum, { leftBytes }) => sum + leftBytes(), 0);
  expect(total()).toBeLessThanOrEqual(6 * 2 * MIB + 64 * MIB);
  expect(budget.take(64 * MIB)).toBe(0);
  for (const { channel } of full) channel.close();
  expect(budget.take(64 * MIB)).toBe(64 * MIB);
});

it('cuts off a server that sends on although it may not, at once', () => {
  const { channel, send, overflows } = server({ rttMs: 0.2 });
  send(2 * MIB);
  expect(overflows()).toBe(0);
  send(MIB);
  expect(overflows()).toBeGreaterThan(0);
  expect(channel.readableLength).toBeLessThanOrEqual(2.2 * MIB);
});

it('cuts off a server that fills the stream nobody reads', () => {
  const { channel, overflows } = server({ rttMs: 0.2 });
  for (let sent = 0; sent < 3 * MIB; sent += PACKET) channel.stderr.push(Buffer.alloc(PACKET));
  expect(overflows()).toBeGreaterThan(0);
  expect(channel.stderr.readableLength).toBe(0);
});

it('passes on every byte and the end', async () => {
  const { channel } = server({ rttMs: 80 });
  const content = randomBytes(5 * MIB);
  const hash = createHash('sha256');
  const ended = new Promise((resolve) =>
    channel.on('data', (chunk: Buffer) => hash.update(chunk)).once('end', resolve),
  );
  await settle();
  for (let at = 0; at < content.length; at += PACKET) channel.push(content.subarray(at, at + PACKET));
  channel.push(null);
  await ended;
  expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
});

it('leaves a channel alone that is built differently', () => {
  const channel = new OpenedChannel();
  Object.assign(channel.incoming, { window: 4 * MIB });
  const options = { client: new ssh2.Client(), budget: new WindowBudget(), readRttMs: () => 80, now: () => 0 };
  manageReceiveWindow(channel, { ...options, onOverflow: () => {} });
  expect(channel.incoming.window).toBe(4 * MIB);
  expect(Object.hasOwn(channel, 'push')).toBe(false);
});

it('grows on a line to a jump host far away, which nobody probes', async () => {
  const sshd = await startPrivateSshd();
  let widestBytes = 0;
  const gate = new ssh2.Server({ hostKeys: [readFileSync(`${sshd.dir}/host_key`)] }, (guest) => {
    guest.on('error', () => {}).on('authentication', (context) => context.accept());
    guest.on('ready', () =>
      guest.on('tcpip', (accept) => {
        const channel = accept().on('error', () => {});
        const { outgoing } = channel as unknown as { readonly outgoing: { readonly window: number } };
        const fill = (): void => {
          widestBytes = Math.max(widestBytes, outgoing.window);
          if (widestBytes <= 3 * MIB) channel.write(Buffer.alloc(PACKET), () => setImmediate(fill));
          else channel.end();
        };
        fill();
      }),
    );
  });
  await new Promise<void>((resolve) => void gate.listen(0, '127.0.0.1', resolve));
  const far = await startDelay((gate.address() as AddressInfo).port, 60);
  const { connection } = await openLine(sshd, { sshPort: far.port, toPort: 1 });
  const channel = await connection.openChannel({ address: '127.0.0.1', port: 0 });
  await new Promise((resolve) => channel.on('data', () => {}).once('end', resolve));
  expect(widestBytes).toBeGreaterThan(3 * MIB);
  await connection.close();
  await far.stop();
  await new Promise((resolve) => gate.close(resolve));
  await sshd.stop();
}, 20_000);
