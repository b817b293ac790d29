import { z } from 'zod';

import type { TailnetDevices } from '../contract/exposure.ts';
import type { Clock, Logger } from '../platform/ports.ts';

const Peer = z.object({
  DNSName: z.string().default(''),
  Online: z.boolean().default(false),
  Expired: z.boolean().default(false),
});
const Document = z.object({ Peer: z.record(z.string(), Peer).nullish() });

/**
 * The devices beside this one in `status --json`, ipn/ipnstate.PeerStatus: without those whose key has expired, and without
 * the exit nodes that Tailscale hires out, which nobody opens a page on.
 *
 * @throws Error for what is no status, or one without peers
 */
export function parseDevices(json: unknown): Omit<TailnetDevices, 'askedAtMs'> {
  const { Peer: peers } = Document.parse(json);
  const others = Object.values(peers ?? {}).filter(
    ({ DNSName, Expired }) => !Expired && !/\.mullvad\.ts\.net\.?$/.test(DNSName),
  );
  return { others: others.length, online: others.filter(({ Online }) => Online).length };
}

/** The document grows with the tailnet, so it is read once a minute at most, however many ask. */
const FRESH_MS = 60_000;

export interface DeviceCountDeps {
  readonly read: () => Promise<Omit<TailnetDevices, 'askedAtMs'>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Counts the devices of the tailnet for whoever looks. What could not be read is not known, and nobody's fault. */
export class DeviceCount {
  readonly #deps: DeviceCountDeps;
  #last: Promise<TailnetDevices | undefined> | undefined;
  #askedAtMs = -Infinity;

  constructor(deps: DeviceCountDeps) {
    this.#deps = deps;
  }

  now(): Promise<TailnetDevices | undefined> {
    const nowMs = this.#deps.clock.now();
    if (this.#last === undefined || Math.abs(nowMs - this.#askedAtMs) >= FRESH_MS) {
      this.#askedAtMs = nowMs;
      this.#last = this.#read(nowMs);
    }
    return this.#last;
  }

  async #read(askedAtMs: number): Promise<TailnetDevices | undefined> {
    const { read, log } = this.#deps;
    try {
      return { ...(await read()), askedAtMs };
    } catch (error) {
      log.debug('the devices of the tailnet could not be counted', { error });
      return undefined;
    }
  }
}
