import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { fail, toErrorInfo } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import type { Channel, ChannelSource } from './link.ts';
import { LocalForward } from './local-forward.ts';
import { until } from './testing/until.ts';

/** Sends back what it gets, like a channel to an echo server. */
class EchoChannel extends PassThrough implements Channel {
  close(): void {
    this.destroy();
  }
}

/** Like a channel of ssh2 whose server has closed its window: it takes in 2 MiB before it says that it is full. */
class ShutChannel extends EchoChannel {
  readonly #goOn: (() => void)[] = [];
  received = '';
  isShut = true;
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.received += chunk.toString('latin1');
    if (this.isShut) this.#goOn.push(done);
    else done();
  }
  open(): void {
    this.isShut = false;
    for (const goOn of this.#goOn) goOn();
  }
}

/** A line whose channels the test opens. */
class ScriptedSource implements ChannelSource {
  isAlive = true;
  isCongested = false;
  readonly opened: EchoChannel[] = [];
  readonly origins: { readonly address: string; readonly port: number }[] = [];
  answer: () => Promise<EchoChannel> = () => Promise.resolve(new EchoChannel());
  readonly #drained: (() => void)[] = [];

  async openChannel(origin: { readonly address: string; readonly port: number }): Promise<Channel> {
    this.origins.push(origin);
    const channel = await this.answer();
    this.opened.push(channel);
    return channel;
  }

  whenDrained(task: () => void): void {
    this.#drained.push(task);
  }

  drain(): void {
    this.isCongested = false;
    for (const task of this.#drained) task();
  }
}

let clock: FakeClock;
let forward: LocalForward;
let trouble: number;
let clients: Socket[];

beforeEach(async () => {
  clock = new FakeClock();
  trouble = 0;
  clients = [];
  forward = await LocalForward.open({ port: 0, clock, log: nullLogger, onTrouble: () => (trouble += 1) });
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await forward.close();
});

function dial() {
  const socket = connect({ port: forward.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  const client = { socket, text: '', ended: false, reset: false };
  socket.on('data', (chunk) => (client.text += chunk.toString()));
  socket.on('end', () => (client.ended = true));
  socket.on('error', (error: NodeJS.ErrnoException) => (client.reset ||= error.code === 'ECONNRESET'));
  return client;
}

async function holdOne() {
  const client = dial();
  client.socket.write('early');
  await until('a held connection', () => forward.held === 1);
  return client;
}

const lost = () => fail('ssh/connection-lost', { host: 'studio' });
const portClosed = () => fail('ssh/forward-refused', { host: 'studio', address: '127.0.0.1:1' });

describe('without a line', () => {
  it('holds connections and what they sent, and carries them once there is one', async () => {
    const client = await holdOne();
    const source = new ScriptedSource();
    forward.attach(source);
    await expect.poll(() => client.text).toBe('early');
    expect(forward.held).toBe(0);
    expect(source.origins).toEqual([{ address: '127.0.0.1', port: client.socket.localPort }]);
  });

  it('sends the first ahead of the many, and keeps those for the next line whose turn had not come', async () => {
    const held = Array.from({ length: 100 }, dial);
    for (const client of held) client.socket.write('early');
    await until('100 held connections', () => forward.held === 100);
    const brief = new ScriptedSource();
    forward.attach(brief);
    expect(brief.origins.length).toBeLessThan(100);
    expect(forward.held).toBe(100 - brief.origins.length);
    forward.hold();
    const lasting = new ScriptedSource();
    forward.attach(lasting);
    await expect.poll(() => held.every((client) => client.text === 'early')).toBe(true);
    // Those whose channel was not open yet went over to the other line.
    expect(lasting.origins).toHaveLength(100);
    expect(forward.held).toBe(0);
  });

  it('ends them cleanly after 30 s', async () => {
    const client = dial();
    await until('a held connection', () => forward.held === 1);
    await clock.advance(29_999);
    expect(forward.held).toBe(1);
    await clock.advance(1);
    await until('the end', () => client.ended);
    expect(forward.held).toBe(0);
    expect(client.reset).toBe(false);
  });

  it('holds 256 and ends the next', async () => {
    const held = Array.from({ length: 256 }, dial);
    await until('256 held connections', () => forward.held === 256);
    const next = dial();
    await until('the end', () => next.ended);
    expect(forward.held).toBe(256);
    expect(held.some((client) => client.ended)).toBe(false);
  });

  it('leaves the places of those free that have left', async () => {
    const leavers = Array.from({ length: 256 }, dial);
    await until('256 held connections', () => forward.held === 256);
    leavers.forEach(({ socket }, index) => void (index % 2 === 0 ? socket.end() : socket.resetAndDestroy()));
    await until('free places', () => forward.held === 0);
    const client = await holdOne();
    const source = new ScriptedSource();
    forward.attach(source);
    await expect.poll(() => client.text).toBe('early');
    expect(source.origins).toHaveLength(1);
  });

  it('opens no channel for one that was reset after its request', async () => {
    const client = await holdOne();
    client.socket.resetAndDestroy();
    await until('a free place', () => forward.held === 0);
    const source = new ScriptedSource();
    forward.attach(source);
    await settle();
    expect(source.origins).toEqual([]);
  });

  it.each([10, 3 * 1024 * 1024])('carries %i bytes and their end, in order, though sent while held', async (size) => {
    const content = 'gangway '.repeat(size / 8 + 1).slice(0, size);
    const client = dial();
    client.socket.end(content);
    await until('a held connection', () => forward.held === 1);
    await until('what was read', () => client.socket.bytesWritten > 0);
    await settle();
    forward.attach(new ScriptedSource());
    await until('the end', () => client.ended);
    expect(client.text === content).toBe(true);
  });

  it('ends everything at once when waiting would not help', async () => {
    const before = dial();
    await until('a held connection', () => forward.held === 1);
    forward.refuse();
    const after = dial();
    await expect.poll(() => [before.ended, after.ended]).toEqual([true, true]);
  });
});

describe('a connection whose channel does not open', () => {
  it('waits for the next line, for it was not touched', async () => {
    const dead = new ScriptedSource();
    let die: (error: Error) => void = () => {};
    dead.answer = () => new Promise((_resolve, reject) => (die = reject));
    forward.attach(dead);
    const client = dial();
    client.socket.write('again');
    await until('an attempt', () => dead.origins.length === 1);
    forward.hold();
    die(lost());
    await until('a held connection', () => forward.held === 1);
    forward.attach(new ScriptedSource());
    await expect.poll(() => client.text).toBe('again');
    expect(trouble).toBe(1);
  });

  it('goes over to a line that has come meanwhile', async () => {
    const dead = new ScriptedSource();
    let answer: (channel: EchoChannel) => void = () => {};
    dead.answer = () => new Promise((resolve) => (answer = resolve));
    forward.attach(dead);
    const client = dial();
    client.socket.write('again');
    await until('an attempt', () => dead.origins.length === 1);
    const next = new ScriptedSource();
    forward.attach(next);
    await expect.poll(() => client.text).toBe('again');
    expect(next.origins).toHaveLength(1);
    const late = new EchoChannel();
    answer(late);
    await expect.poll(() => late.destroyed).toBe(true);
    expect(trouble).toBe(0);
  });

  it('makes somebody look at the line when it takes longer than a second', async () => {
    const slow = new ScriptedSource();
    slow.answer = () => new Promise(() => {});
    forward.attach(slow);
    dial();
    await until('an attempt', () => slow.origins.length === 1);
    await clock.advance(1_000);
    expect(trouble).toBe(1);
  });

  it('is taken up again on the same line when the gateway is back', async () => {
    const source = new ScriptedSource();
    source.answer = () => Promise.reject(portClosed());
    forward.attach(source);
    const client = dial();
    client.socket.write('hello');
    await until('a held connection', () => forward.held === 1);
    source.answer = () => Promise.resolve(new EchoChannel());
    forward.attach(source);
    await expect.poll(() => client.text).toBe('hello');
  });

  it('is ended when the server does not allow it', async () => {
    const source = new ScriptedSource();
    source.answer = () => Promise.reject(fail('ssh/forward-prohibited', { host: 'studio', address: 'x' }));
    forward.attach(source);
    const client = dial();
    await expect.poll(() => client.ended).toBe(true);
  });
});

describe('with a line', () => {
  let source: ScriptedSource;
  beforeEach(() => {
    source = new ScriptedSource();
    forward.attach(source);
  });

  it('carries the end of each side by itself', async () => {
    const client = dial();
    client.socket.end('all');
    await until('the answer and its end', () => client.ended);
    expect(client.text).toBe('all');
  });

  it('stops reading from the client while the line is congested', async () => {
    const client = dial();
    client.socket.write('first');
    await expect.poll(() => client.text).toBe('first');
    source.isCongested = true;
    client.socket.write('second');
    await expect.poll(() => client.text).toBe('firstsecond');
    client.socket.write('third');
    await settle();
    expect(client.text).toBe('firstsecond');
    source.drain();
    await expect.poll(() => client.text).toBe('firstsecondthird');
  });

  it('stops reading from the client while the server has closed its window, and loses nothing', async () => {
    const channel = new ShutChannel({ writableHighWaterMark: 2 * 1024 * 1024 });
    source.answer = () => Promise.resolve(channel);
    const content = 'gangway '.repeat(512 * 1024);
    const client = dial();
    client.socket.end(content);
    await until('a closed window', () => channel.writableLength > 0);
    let before = -1;
    await until('a channel that takes in no more', () => before === (before = channel.writableLength));
    expect(channel.writableLength).toBeLessThanOrEqual(4 * 65_536);
    channel.open();
    await until('the end', () => channel.writableFinished);
    expect(channel.received === content).toBe(true);
  });

  it('resets its clients when the line breaks, so that half an answer is not taken for a whole one', async () => {
    const client = dial();
    client.socket.write('half');
    await expect.poll(() => client.text).toBe('half');
    source.isAlive = false;
    source.opened[0]?.close();
    await until('the reset', () => client.reset);
    expect(client.ended).toBe(false);
  });

  it('closes the channel of a client that vanished', async () => {
    const client = dial();
    client.socket.write('x');
    await expect.poll(() => client.text).toBe('x');
    client.socket.resetAndDestroy();
    await expect.poll(() => source.opened[0]?.destroyed).toBe(true);
  });
});

it('leaves no timer and no connection when it is closed', async () => {
  const held = dial();
  await until('a held connection', () => forward.held === 1);
  const source = new ScriptedSource();
  forward.attach(source);
  await until('a channel', () => source.opened.length === 1);
  forward.hold();
  dial();
  await until('another held connection', () => forward.held === 1);
  await forward.close();
  await expect.poll(() => held.socket.readyState).not.toBe('open');
  expect(clock.pendingTimers).toBe(0);
});

it('names the port that is taken', async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const { port } = squatter.address() as AddressInfo;
  const opening = LocalForward.open({ port, clock, log: nullLogger, onTrouble: () => {} });
  expect(await opening.catch(toErrorInfo)).toMatchObject({ code: 'gateway/port-taken', params: { port } });
  await new Promise((resolve) => squatter.close(resolve));
});

it('does without IPv6 when another program has that address', async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen({ host: '::1', port: 0, ipv6Only: true }, resolve));
  const { port } = squatter.address() as AddressInfo;
  const second = await LocalForward.open({ port, clock, log: nullLogger, onTrouble: () => {} });
  expect(second.port).toBe(port);
  await second.close();
  await new Promise((resolve) => squatter.close(resolve));
});
