import { DEVICES, FRAMES, HTTP, ORIGINS, SIGN_IN, UPGRADES, type Scenarios } from './ingress-scenarios.ts';
import { METHODS } from './method-scenarios.ts';
import { ASKING, PAIRING } from './pairing-scenarios.ts';
import type { Target } from './target.ts';

/** Areas that every gateway is asked about, and those for a gateway whose people decide about every device. */
export const AREAS: Readonly<Record<string, Scenarios>> = {
  'Signing in': SIGN_IN,
  Origins: ORIGINS,
  Upgrades: UPGRADES,
  Frames: FRAMES,
  'Device identity': DEVICES,
  HTTP,
  Methods: METHODS,
  Pairing: PAIRING,
};
export const ASKING_AREAS: Readonly<Record<string, Scenarios>> = { 'Pairing by a person': ASKING };

export interface Compared {
  readonly area: string;
  readonly scenario: string;
  readonly real: string;
  readonly ours: string;
}

/** Runs the same script against both, one after the other, so that neither slows the other down. */
export async function compare(
  areas: Readonly<Record<string, Scenarios>>,
  { real, ours }: { readonly real: Target; readonly ours: Target },
): Promise<readonly Compared[]> {
  const rows: Compared[] = [];
  for (const [area, scenarios] of Object.entries(areas)) {
    for (const [scenario, run] of Object.entries(scenarios)) {
      rows.push({ area, scenario, real: await observed(run, real), ours: await observed(run, ours) });
    }
  }
  return rows;
}

/** A script that cannot go on is an observation too: the other gateway may let it. */
async function observed(run: (target: Target) => Promise<string>, target: Target): Promise<string> {
  try {
    return await run(target);
  } catch (error) {
    return `stopped: ${(error as Error).message.split('\n')[0] ?? ''}`;
  }
}
