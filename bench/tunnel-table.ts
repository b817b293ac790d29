import type { Carried } from './tunnel-carried.ts';
import type { Crowd, TunnelSample } from './tunnel-sample.ts';
import { median } from './tunnel-statistics.ts';

/** The samples of each lane, run by run. */
export interface TunnelResults {
  readonly ours: readonly TunnelSample[];
  readonly ssh: readonly TunnelSample[];
  readonly 'ssh-gcm': readonly TunnelSample[];
  /** The same load straight on the server: what the measuring side can do at most. */
  readonly direct: readonly (Carried & Crowd)[];
  /** ssh2 by itself, from TCP connect to `ready`. */
  readonly stockMs: readonly number[];
}

type Figure = keyof TunnelSample;

const FIGURES: readonly (readonly [figure: Figure, name: string, digits: number])[] = [
  ['startMs', 'process start to first echo, ms', 0],
  ['handshakeMs', 'TCP connect to first echo, ms', 0],
  ['upMibPerS', 'bulk up, MiB/s', 0],
  ['downMibPerS', 'bulk down, MiB/s', 0],
  ['upCpuS', 'tunnel CPU up, s per GiB', 2],
  ['downCpuS', 'tunnel CPU down, s per GiB', 2],
  ['echoP50Us', 'echo 64 B p50, us', 0],
  ['echoP99Us', 'echo 64 B p99, us', 0],
  ['openP50Ms', 'open + echo p50, ms', 2],
  ['crowdMs', '200 connections at once, ms', 0],
  ['crowdErrors', '200 connections at once, errors', 0],
  ['throngMs', '1,000 connections at once, ms', 0],
  ['throngErrors', '1,000 connections at once, errors', 0],
  ['farDownMibPerS', 'download at 80 ms, MiB/s', 1],
  ['farOpenMs', 'new connection to first byte at 80 ms, ms', 0],
  ['stalledMib', 'resident memory, 100 uploads and no server, MiB', 0],
  ['churnErrors', '20,000 connections one after another, errors', 0],
  ['leakedDescriptors', 'descriptors left by the last 10,000', 0],
  ['leakedMib', 'resident memory left by the last 10,000, MiB', 1],
  ['recoveryMs', 'server restart to first echo, ms', 0],
  ['refused', 'refused or lost since the server was killed', 0],
  ['idleMib', 'resident memory idle, MiB', 0],
];

/** Medians of the runs, and the median of the ratios run by run, so that a machine that slows down disturbs both. */
export function printTunnelTable(results: TunnelResults): void {
  const rows = FIGURES.map(([figure, name, digits]) => {
    const ours = results.ours.map((sample) => sample[figure]);
    const ssh = results.ssh.map((sample) => sample[figure]);
    const gcm = results['ssh-gcm'].map((sample) => sample[figure]);
    const direct = results.direct.map((sample) => sample[figure as keyof (Carried & Crowd)]);
    return {
      median: name,
      'gangway tunnel': text(median(ours), digits),
      'ssh -N -L': text(median(ssh), digits),
      'ours / ssh': text(median(ours.map((value, run) => quotient(value, ssh[run]))), 2),
      'ssh -c aes128-gcm': text(median(gcm), digits),
      'ours / that': text(median(ours.map((value, run) => quotient(value, gcm[run]))), 2),
      'no tunnel': text(median(direct), digits),
    };
  });
  console.table(rows);
  compareWithStock(results);
  warnWhenBlunt(results);
}

/** The engine itself measures the machine: a handshake is work for both ends, and has no peer that does the same. */
function compareWithStock({ ours, ssh, stockMs }: TunnelResults): void {
  const times = (lane: readonly TunnelSample[]): string =>
    text(median(lane.map(({ handshakeMs }, run) => quotient(handshakeMs, stockMs[run]))), 2);
  const stock = `ssh2 by itself, TCP connect to ready: ${text(median(stockMs), 0)} ms`;
  console.log(`${stock}; to the first echo gangway takes ${times(ours)} of that, ssh -N -L ${times(ssh)}.`);
}

/** The load generator shares the processors with what it measures: its own ceiling has to be well above. */
function warnWhenBlunt({ ours, ssh, direct }: TunnelResults): void {
  for (const figure of ['upMibPerS', 'downMibPerS'] as const) {
    const tunnels = [...ours, ...ssh].map((sample) => sample[figure]);
    const ceiling = median(direct.map((sample) => sample[figure])) ?? Number.NaN;
    if (Math.max(...tunnels) > ceiling / 2) {
      console.log(`${figure}: the measuring side is less than twice as fast; the lanes are further apart than shown.`);
    }
  }
}

function quotient(ours: number | undefined, ssh: number | undefined): number | undefined {
  return ours === undefined || ssh === undefined || ssh === 0 || !Number.isFinite(ssh) ? undefined : ours / ssh;
}

function text(value: number | undefined, digits: number): string {
  if (value === undefined) return '';
  return Number.isFinite(value) ? value.toFixed(digits) : 'never';
}
