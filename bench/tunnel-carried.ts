import { processorSeconds } from './tunnel-cost.ts';
import { startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';
import { BULK_BYTES, echoTrips, receiveBulk, sendBulk } from './tunnel-load.ts';
import { median, percentile } from './tunnel-statistics.ts';

/** What passes through a port, and what it costs the process behind it where there is one. */
export interface Carried {
  readonly upMibPerS: number;
  readonly downMibPerS: number;
  /** Processor seconds of the tunnel for each GiB. */
  readonly upCpuS: number | undefined;
  readonly downCpuS: number | undefined;
  readonly echoP50Us: number;
  readonly echoP99Us: number;
}

export type CarriedLane = TunnelLane | 'direct';

interface Port {
  readonly localPort: number;
  /** `undefined` where the port is the server's own. */
  readonly pid?: number;
}

interface Turn {
  readonly up: Bulk;
  readonly down: Bulk;
  readonly trips: readonly number[];
}

interface Bulk {
  readonly mibPerS: number;
  readonly cpuS: number | undefined;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const TURNS = 6;
/** A 99th percentile of fewer echoes differs by a fifth from one time to the next. */
const TRIPS_A_TURN = 4_000;
/** For so long after a load the processors are not at rest: every lane is half as slow again then. */
const SETTLING_TRIPS = 500;
/** A tunnel runs for months: what its first second costs is told by the start. */
const WARM_UP_TRIPS = 2_000;

/** All lanes at once, on fresh processes, in turns of a second: how fast a shared machine is changes from minute to minute. */
export async function measureCarried(route: TunnelRoute): Promise<Readonly<Record<CarriedLane, Carried>>> {
  await using ours = await startTunnel('ours', route);
  await using ssh = await startTunnel('ssh', route);
  await using gcm = await startTunnel('ssh-gcm', route);
  const lanes: readonly (readonly [CarriedLane, Port])[] = [
    ['ours', ours],
    ['ssh', ssh],
    ['ssh-gcm', gcm],
    ['direct', { localPort: route.remotePort }],
  ];
  const turns: Record<CarriedLane, Turn[]> = { ours: [], ssh: [], 'ssh-gcm': [], direct: [] };
  for (const [, { localPort }] of lanes) await warmUp(localPort);
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [lane, port] of turn % 2 === 0 ? lanes : lanes.toReversed()) turns[lane].push(await takeTurn(port));
  }
  return {
    ours: carried(turns.ours),
    ssh: carried(turns.ssh),
    'ssh-gcm': carried(turns['ssh-gcm']),
    direct: carried(turns.direct),
  };
}

async function warmUp(port: number): Promise<void> {
  await sendBulk(port);
  await receiveBulk(port);
  await echoTrips(port, WARM_UP_TRIPS);
}

async function takeTurn({ localPort, pid }: Port): Promise<Turn> {
  const up = await measureBulk(() => sendBulk(localPort), pid);
  const down = await measureBulk(() => receiveBulk(localPort), pid);
  await echoTrips(localPort, SETTLING_TRIPS);
  return { up, down, trips: await echoTrips(localPort, TRIPS_A_TURN) };
}

async function measureBulk(carry: () => Promise<number>, pid: number | undefined): Promise<Bulk> {
  const before = pid === undefined ? undefined : await processorSeconds(pid);
  const tookMs = await carry();
  const after = pid === undefined ? undefined : await processorSeconds(pid);
  const cpuS = before === undefined || after === undefined ? undefined : ((after - before) * GIB) / BULK_BYTES;
  return { mibPerS: BULK_BYTES / MIB / (tookMs / 1_000), cpuS };
}

function carried(turns: readonly Turn[]): Carried {
  const trips = turns.flatMap((turn) => turn.trips);
  return {
    upMibPerS: median(turns.map(({ up }) => up.mibPerS)) ?? Number.NaN,
    downMibPerS: median(turns.map(({ down }) => down.mibPerS)) ?? Number.NaN,
    upCpuS: median(turns.map(({ up }) => up.cpuS)),
    downCpuS: median(turns.map(({ down }) => down.cpuS)),
    echoP50Us: percentile(trips, 0.5),
    echoP99Us: percentile(trips, 0.99),
  };
}
