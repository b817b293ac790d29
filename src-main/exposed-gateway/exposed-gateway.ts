import { statSync } from 'node:fs';
import { join } from 'node:path';

import { followConfig } from '../config/config-reload.ts';
import { GatewayConfigFile } from '../config/gateway-config-file.ts';
import { changeConfig } from '../config/undoable-change.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { ExposureView } from '../contract/exposure.ts';
import { accessOf, secretsOf, type GatewayRunOptions } from '../contract/gateway-host.ts';
import type { GatewayAccess } from '../contract/exposure.ts';
import { startGateway, type RunningGateway } from '../gateway/gateway.ts';
import { createNodeUptime } from '../platform/node-uptime.ts';
import { readNetworkAddresses } from '../platform/network-addresses.ts';
import { createProgramFinder } from '../platform/program-finder.ts';
import type { Clock, CompanionStarter, Files, Logger, ProgramRunner } from '../platform/ports.ts';
import { ExposureMemory } from '../tailscale/exposure-memory.ts';
import { Exposure } from '../tailscale/exposure.ts';
import { statusOf } from '../tailscale/own-url.ts';
import { socketPlace } from '../tailscale/places.ts';
import { TailscaleClient } from '../tailscale/tailscale-client.ts';

export interface ExposedGatewayDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  readonly runner: ProgramRunner;
  readonly companions: CompanionStarter;
  readonly random: () => number;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly userName: string;
  /** Name of this computer, shown to clients. */
  readonly computer: string;
  /** Told of every secret before it can come into a log. */
  readonly hide: (secret: string) => void;
  /** At the start, and whenever the configuration was taken over or the address has changed. */
  readonly onAccess: (access: GatewayAccess) => void;
  /** A gateway at a tailnet address listens elsewhere, or nowhere for now; `cause`: though there is an address. */
  readonly onMoved: (url: string | undefined, cause: ErrorInfo | undefined) => void;
  readonly onExposure: (view: ExposureView) => void;
}

/** A gateway that follows its configuration, and what opens it to others. */
export interface ExposedGateway extends Pick<RunningGateway, 'port' | 'url' | 'fingerprint'> {
  readonly exposure: Exposure;
  /** Tells for the first time who can reach it, and opens it as the configuration says. */
  begin(): void;
  /** Gives the route back first, then stops the gateway. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a gateway and, where that is wanted, opens it by Tailscale. What becomes of Tailscale never stops or delays the
 * gateway. The caller stops it.
 *
 * @throws AppError as `startGateway`
 */
export async function startExposedGateway(
  options: GatewayRunOptions,
  deps: ExposedGatewayDeps,
): Promise<ExposedGateway> {
  const { files, clock, log, computer, onAccess, onMoved } = deps;
  const hide = (of: GatewayRunOptions): void => {
    for (const secret of secretsOf(of)) deps.hide(secret);
  };
  hide(options);
  const config = new GatewayConfigFile(options.configFile, files);
  const gateway = await startGateway(options, { clock, log, computer, config });
  const exposure = createExposure(options, { gateway, config, deps });
  let live = options;
  gateway.onMoved((url, cause) => {
    onMoved(url, cause);
    onAccess(accessOf(live, url));
  });
  const unfollow = await followConfig(options.configFile, options, {
    files,
    clock,
    log,
    apply: async (next) => {
      hide(next);
      await exposure.reload(next);
      gateway.reload(next);
      live = next;
      onAccess(accessOf(live, gateway.url));
    },
  });
  const { fingerprint } = gateway;
  return {
    get port() {
      return gateway.port;
    },
    get url() {
      return gateway.url;
    },
    fingerprint,
    exposure,
    begin: () => {
      onAccess(accessOf(live, gateway.url));
      exposure.start().catch((error: unknown) => log.error('the exposure could not be begun', { error }));
    },
    stop: async (reason) => {
      unfollow();
      await exposure.stop();
      await gateway.stop(reason);
    },
  };
}

interface Around {
  readonly gateway: RunningGateway;
  readonly config: GatewayConfigFile;
  readonly deps: ExposedGatewayDeps;
}

function createExposure(options: GatewayRunOptions, { gateway, config, deps }: Around): Exposure {
  const { files, clock, runner, companions, random, env, platform, userName, onExposure } = deps;
  const log = deps.log.child('tailscale');
  // The app of macOS is its own command line, and may take itself for the window otherwise (tailscale/tailscale#7140).
  if (platform === 'darwin') process.env['TAILSCALE_BE_CLI'] = '1';
  return new Exposure(options, {
    client: new TailscaleClient({ runner, log, env, platform }),
    companions,
    clock,
    log,
    random,
    uptime: createNodeUptime({ files, runner, platform }),
    asker: { platform, userName, isAdministrator: isAdministrator({ env, platform }) },
    openRoute: (request) => gateway.openRoute(request),
    ask: statusOf,
    ownAddresses: readNetworkAddresses,
    memory: new ExposureMemory(join(options.home, 'state', 'exposure.json'), files),
    leftover: {
      finder: createProgramFinder(runner, platform),
      clock,
      log,
      kill: (pid, signal) => void process.kill(pid, signal),
    },
    keep: async ({ mode, port }) => {
      await changeConfig(config, { gateway: { tailscale: { mode, port } } }, files);
    },
    onChange: onExposure,
  });
}

/** Root, or whoever runs the daemon: ipn/ipnauth of Tailscale lets both change routes. */
function isAdministrator(place: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform }): boolean {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0) return true;
  try {
    return statSync(socketPlace(place)).uid === uid;
  } catch {
    return false;
  }
}
