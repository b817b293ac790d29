import { createServer } from 'node:http';
import { join } from 'node:path';

import { toErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import { checkExposure } from './access-rules.ts';
import { assembleGateway, type GatewayDeps } from './gateway-parts.ts';
import { EventLoopMeter } from './server/event-loop-meter.ts';
import { closeServer } from './server/http-server.ts';
import { listenOn } from './server/listen.ts';
import { listenersOf } from './server/listener.ts';
import { StateDatabase } from './state/state-database.ts';

export interface RunningGateway {
  readonly port: number;
  /** `http://127.0.0.1:18789` */
  readonly url: string;
  /**
   * Takes over what may change in a running gateway: secrets and their limits, allowed origins, trusted proxies, rules of
   * nodes. With other credentials, whoever came in with the old ones is out.
   *
   * @throws AppError `gateway/bind-needs-secret`; everything is then as it was.
   */
  reload(options: GatewayRunOptions): void;
  /** Tells clients why, lets started requests finish for up to 5 s, and resolves when nothing of it is left. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a gateway. The caller stops it.
 *
 * @throws AppError `gateway/bind-needs-secret`, `gateway/no-tailnet-address`, `gateway/port-taken`,
 *   `gateway/address-unavailable`, `gateway/state-…`.
 */
export async function startGateway(options: GatewayRunOptions, deps: GatewayDeps): Promise<RunningGateway> {
  checkExposure(options, options.auth);
  const listeners = listenersOf(options);
  const addresses = listeners.map(({ address }) => address);
  const database = await openState(options, addresses);
  const meter = new EventLoopMeter();
  const parts = assembleGateway(options, deps, { meter, database });
  const servers = parts.createServers(listeners);
  let port: number;
  try {
    port = await listenOn(servers, addresses, options.port);
  } catch (error) {
    meter.stop();
    await parts.hub.stop('not started');
    database.close();
    throw error;
  }
  parts.setPort(port);
  const url = urlOf(addresses[0] ?? '', port);
  deps.log.info('gateway listens', { url, bind: options.bind });
  return {
    port,
    url,
    reload: (next) => parts.reload(next),
    stop: async (reason) => {
      const closed = servers.map(closeServer);
      await parts.hub.stop(reason);
      parts.sockets.stop();
      for (const server of servers) server.closeAllConnections();
      await Promise.all(closed);
      // What took longer than the others would wait for is stopped, with what was said kept.
      await parts.state.runs.stop();
      meter.stop();
      database.close();
      deps.log.info('gateway stopped', { reason });
    },
  };
}

/** Whoever holds the state most likely listens on the port too, and about a port more can be done. */
async function openState({ home, port }: GatewayRunOptions, addresses: readonly string[]): Promise<StateDatabase> {
  try {
    return StateDatabase.open(join(home, 'state'));
  } catch (error) {
    if (toErrorInfo(error).code === 'gateway/state-in-use') {
      const probes = addresses.map(() => createServer());
      await listenOn(probes, addresses, port);
      for (const probe of probes) probe.close();
    }
    throw error;
  }
}

function urlOf(address: string, port: number): string {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
