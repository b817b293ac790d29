import { isDeepStrictEqual } from 'node:util';

import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { Clock, Files, Logger } from '../platform/ports.ts';
import { loadGatewayConfig, type GatewayConfig } from './gateway-config.ts';
import { reloadedOptions } from './reloaded-options.ts';
import { watchFile } from './watch-file.ts';

export interface ConfigReloadDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Takes over what may change in a running gateway.
   *
   * @throws AppError when the gateway would be less safe than it may be.
   */
  readonly apply: (options: GatewayRunOptions) => Promise<void>;
}

/** How long a refused configuration may have become a good one before that is noticed. */
const RETRY_MS = 5_000;

/**
 * Follows the configuration file of a running gateway. A file with a fault never replaces what runs: it is told in the
 * log, and the next good one counts. One that would be too weak for what the gateway is open to is tried again.
 * `options` is what the gateway was started from. Resolves with how to end it.
 */
export async function followConfig(
  path: string,
  options: GatewayRunOptions,
  { files, clock, log, apply }: ConfigReloadDeps,
): Promise<() => void> {
  let running = options;
  let known: GatewayConfig = (await loadGatewayConfig(path, files)).config;
  let isOver = false;
  let disarm = (): void => {};
  let refused: GatewayConfig | undefined;
  // One after the other: a change may take a while, and the next begins from what it made of the gateway.
  let work = Promise.resolve();
  const reload = (): void => void (work = work.then(reloadOnce));
  const reloadOnce = async (): Promise<void> => {
    disarm();
    const { config, problems, fatal } = await loadGatewayConfig(path, files);
    if (isOver) return undefined;
    const faults = problems.filter(({ code }) => code !== 'config/key-unknown');
    if (fatal || faults.length > 0) {
      return log.warn('the changed configuration is not used: it has a fault', { path, faults });
    }
    const next = reloadedOptions(running, known, config);
    try {
      await apply(next.options);
    } catch (error) {
      if (isOver) return undefined;
      // What it is open to now, it may not be later.
      disarm = clock.after(RETRY_MS, reload);
      if (!isDeepStrictEqual(refused, config)) {
        log.warn('the changed configuration is not used: it would open the gateway too far', { path, error });
      }
      refused = config;
      return undefined;
    }
    refused = undefined;
    known = config;
    running = next.options;
    log.info('the configuration was read again', { path, needsRestart: next.needsRestart });
  };
  const unwatch = watchFile(path, reload, { clock, log });
  return () => {
    unwatch();
    disarm();
    isOver = true;
  };
}
