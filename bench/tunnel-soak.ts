import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { RunningCli } from '../e2e/support/cli.ts';
import { freePort } from '../e2e/support/free-port.ts';
import { PrivateSshd, whyNoSshd } from '../e2e/support/private-sshd.ts';
import { startSlowPath, type PathTraits } from './slow-path.ts';
import { residentMib } from './tunnel-cost.ts';
import { routeOver, startOurs } from './tunnel-lanes.ts';
import { openAndEcho, receiveBulk, sendBulk } from './tunnel-load.ts';
import { startTunnelServer } from './tunnel-server.ts';

/** 8 Mbit/s with a round trip of 120 ms and a second of buffer: a hotel, filled to the brim. */
const PATH: PathTraits = { delayMs: 60, bytesPerSecond: 1_000_000, queueBytes: 1_000_000 };
const DEFAULT_MINUTES = 60;
const ECHO_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 60_000;

/**
 * Bulk data both ways over a slow path for an hour, with a new connection every second: a line that is well must never
 * be taken for a dead one. GANGWAY_BENCH_MINUTES sets how long. Sets the exit code when it was.
 */
export async function soakTunnel(): Promise<void> {
  const problem = whyNoSshd();
  if (problem !== undefined) return console.log(problem);
  await using server = await startTunnelServer();
  await using sshd = await PrivateSshd.create();
  await sshd.start();
  await using path = await startSlowPath(sshd.port, PATH);
  const localPort = await freePort();
  const folder = join(sshd.folder, 'soak');
  await mkdir(folder);
  const { user, identityFile, knownHostsFile, port: sshPort } = sshd;
  const route = { user, sshPort, identityFile, knownHostsFile, remotePort: server.port, folder };
  const tunnel = startOurs(await routeOver(path.port, route), localPort);
  try {
    await tunnel.waitForJson(({ status }) => status === 'connected');
    await soak(tunnel, localPort);
  } finally {
    await tunnel.stop();
  }
}

async function soak(tunnel: RunningCli, localPort: number): Promise<void> {
  const before = tunnel.jsonLines.length;
  const endMs = performance.now() + minutes() * 60_000;
  const isOver = (): boolean => performance.now() >= endMs;
  const trips: number[] = [];
  let failures = 0;
  let nextReportMs = performance.now() + REPORT_EVERY_MS;
  const load = [
    keepBusy(tunnel, () => sendBulk(localPort), isOver),
    keepBusy(tunnel, () => receiveBulk(localPort), isOver),
  ];
  while (!isOver()) {
    await openAndEcho(localPort).then(
      (ms) => trips.push(ms),
      () => (failures += 1),
    );
    if (performance.now() > nextReportMs) {
      nextReportMs += REPORT_EVERY_MS;
      await report(tunnel, before, { trips, failures });
    }
    await delay(ECHO_EVERY_MS);
  }
  await report(tunnel, before, { trips, failures });
  const changes = tunnel.jsonLines.slice(before);
  for (const line of changes) console.log(JSON.stringify(line));
  if (changes.length > 0 || failures > 0) process.exitCode = 1;
  await tunnel.stop();
  await Promise.all(load);
}

/** Repeats a transfer that ends with an error only when the soak is over and the tunnel gone. */
async function keepBusy(tunnel: RunningCli, transfer: () => Promise<number>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      await transfer();
    } catch (error) {
      if (isOver()) return;
      console.log(
        `A transfer was cut off: ${String(error)}; the tunnel said ${tunnel.stdout.trimEnd().split('\n').at(-1)}`,
      );
      process.exitCode = 1;
      await delay(ECHO_EVERY_MS);
    }
  }
}

interface Tally {
  readonly trips: readonly number[];
  readonly failures: number;
}

async function report(tunnel: RunningCli, before: number, { trips, failures }: Tally): Promise<void> {
  const sorted = trips.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
  const changes = tunnel.jsonLines.length - before;
  const memory = (await residentMib(tunnel.pid)).toFixed(0);
  console.log(
    `${trips.length} new connections, echo ${at(0.5)} / ${at(0.99)} ms, ${failures} failed; ` +
      `${changes} changes of state; ${memory} MiB`,
  );
}

function minutes(): number {
  const asked = Number(process.env['GANGWAY_BENCH_MINUTES']);
  return asked > 0 ? asked : DEFAULT_MINUTES;
}
