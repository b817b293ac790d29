import { connect } from 'node:net';

import { frameOf, GatewayWire } from './gateway-wire.ts';
import type { TreeMemory } from '../e2e/peer/support/process-tree.ts';

export interface LoadTarget {
  readonly port: number;
  readonly token: string;
  memory(): Promise<TreeMemory>;
}

const HEALTH = frameOf({ type: 'req', id: 'h', method: 'health' });
/** The real gateway lets that many strangers of one address wait at a time. */
const DOOR = 32;

/** Median of connection and hello, one after the other, milliseconds. */
export async function measureConnect(target: LoadTarget, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAtMs = performance.now();
    const wire = await GatewayWire.open(target);
    times.push(performance.now() - startedAtMs);
    wire.close();
  }
  return percentile(times, 0.5);
}

/** Answered `health` requests per second, one at a time on each of `connections`. */
export async function measureHealth(target: LoadTarget, connections: number, forMs: number): Promise<number> {
  const wires = await openMany(target, connections);
  // The first answers warm the code up and do not count.
  await hammerAll(wires, 500);
  const { count, ms } = await hammerAll(wires, forMs);
  for (const wire of wires) wire.close();
  return count / (ms / 1_000);
}

async function hammerAll(wires: readonly GatewayWire[], forMs: number): Promise<{ count: number; ms: number }> {
  let count = 0;
  const startedAtMs = performance.now();
  const goesOn = (): boolean => {
    count += 1;
    return performance.now() - startedAtMs < forMs;
  };
  await Promise.all(wires.map((wire) => wire.hammer(HEALTH, goesOn)));
  return { count, ms: performance.now() - startedAtMs };
}

/** Answered requests for the list of models per second, one at a time on each of as many kept connections. */
export async function measureModels(target: LoadTarget, connections: number, forMs: number): Promise<number> {
  let count = 0;
  const startedAtMs = performance.now();
  const goesOn = (): boolean => {
    count += 1;
    return performance.now() - startedAtMs < forMs;
  };
  await Promise.all(Array.from({ length: connections }, () => hammerModels(target, goesOn)));
  return count / ((performance.now() - startedAtMs) / 1_000);
}

/** Counts answers by their end instead of parsing them: the client of Node would cost more than what it measures. */
async function hammerModels({ port, token }: LoadTarget, goesOn: () => boolean): Promise<void> {
  const asked = Buffer.from(
    `GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('The gateway closed the connection')));
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    if (!received.endsWith('}]}') && !received.endsWith('\r\n0\r\n\r\n')) return;
    if (!received.startsWith('HTTP/1.1 200')) return reject(new Error(received.slice(0, 100)));
    received = '';
    if (!goesOn()) return resolve();
    return socket.write(asked);
  });
  socket.write(asked);
  await promise;
  socket.destroy();
}

export interface IdleResult {
  readonly alive: number;
  /** Memory of the gateway that each connection costs, KiB. */
  readonly kibEach: number;
  /** 99th percentile of a `health` request meanwhile, milliseconds. */
  readonly p99Ms: number;
}

/** Holds connections that do nothing, and asks on a few of them meanwhile. */
export async function measureIdle(target: LoadTarget, count: number, holdMs: number): Promise<IdleResult> {
  const before = await target.memory();
  const wires = await openMany(target, count);
  const times: number[] = [];
  const startedAtMs = performance.now();
  for (let index = 0; performance.now() - startedAtMs < holdMs; index += 97) {
    const askedAtMs = performance.now();
    await wires[index % wires.length]?.call(HEALTH);
    times.push(performance.now() - askedAtMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const after = await target.memory();
  const kibEach = (after.bytes - before.bytes) / 1_024 / count;
  const alive = wires.filter(({ isOpen }) => isOpen).length;
  for (const wire of wires) wire.close();
  return { alive, kibEach, p99Ms: percentile(times, 0.99) };
}

async function openMany(target: LoadTarget, count: number): Promise<readonly GatewayWire[]> {
  const wires: GatewayWire[] = [];
  while (wires.length < count) {
    const size = Math.min(DOOR, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length: size }, () => GatewayWire.open(target)))));
  }
  return wires;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
