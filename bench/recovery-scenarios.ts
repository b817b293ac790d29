import { setTimeout as delay } from 'node:timers/promises';

import type { RecoveryLab } from './recovery-lab.ts';
import { monotonicMs } from './recovery-prober.ts';

export interface Scenario {
  readonly about: string;
  /** The bar for the 95th percentile, milliseconds. */
  readonly barMs: number | undefined;
  /** Breaks something and mends it again. */
  readonly play: (lab: RecoveryLab) => Promise<Outage>;
}

/** Instants on the monotonic clock. */
export interface Outage {
  /** Whoever had connected before was in the middle of something. */
  readonly brokenAtMs: number;
  readonly mendedAtMs: number;
}

const OUTAGE_MS = 20_000;
/** A minute gives the same figures: what counts is that more time has passed than a line in doubt gets. */
const SLEEP_MS = 10_000;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  a: {
    about: 'server killed, back after 5 s',
    barMs: 500,
    play: async (lab) => {
      await lab.server.kill();
      const brokenAtMs = monotonicMs();
      lab.knock(100);
      await delay(5_000 + jitter());
      return { brokenAtMs, mendedAtMs: await lab.server.start() };
    },
  },
  b: {
    about: 'black hole of 20 s',
    barMs: 400,
    play: async (lab) => {
      lab.network.swallow();
      const brokenAtMs = monotonicMs();
      lab.knock(250);
      await delay(OUTAGE_MS + jitter());
      lab.network.carry();
      return { brokenAtMs, mendedAtMs: monotonicMs() };
    },
  },
  c1: { about: 'sleep, server side closed, its FIN arrives', barMs: 300, play: (lab) => sleep(lab, 'told') },
  c2: { about: 'sleep, old flow dropped silently', barMs: 300, play: (lab) => sleep(lab, 'silent') },
  d: {
    about: 'address of the client changes',
    barMs: 700,
    play: async (lab) => {
      lab.knock(100);
      await delay(1_000 + jitter());
      lab.network.moveClient();
      const mendedAtMs = monotonicMs();
      return { brokenAtMs: mendedAtMs, mendedAtMs };
    },
  },
  e: {
    about: 'carrier down for 20 s',
    barMs: undefined,
    play: async (lab) => {
      lab.network.plug('down');
      const brokenAtMs = monotonicMs();
      lab.knock(250);
      await delay(OUTAGE_MS + jitter());
      lab.network.plug('up');
      return { brokenAtMs, mendedAtMs: monotonicMs() };
    },
  },
};

async function sleep(lab: RecoveryLab, ending: 'told' | 'silent'): Promise<Outage> {
  const ports = lab.network.connectedPorts();
  const wake = await lab.freeze();
  lab.network.swallow();
  await delay(1_000);
  await lab.server.killSessions();
  await delay(SLEEP_MS + jitter());
  const brokenAtMs = monotonicMs();
  if (ending === 'silent') lab.network.forgetConnections(ports);
  lab.knock(100);
  await delay(300);
  lab.network.carry();
  const mendedAtMs = monotonicMs();
  wake();
  return { brokenAtMs, mendedAtMs };
}

/** So that no two runs meet the timers of a program at the same place. */
function jitter(): number {
  return Math.random() * 1_000;
}
