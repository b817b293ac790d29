import { createServer } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { OpenRoute, RouteRequest } from '../contract/exposure.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { Logger } from '../platform/ports.ts';
import { checkExposure } from './access-rules.ts';
import { openBind, type Bind, type BindDeps } from './bind.ts';
import { assembleGateway, type GatewayDeps } from './gateway-parts.ts';
import { EventLoopMeter } from './server/event-loop-meter.ts';
import { closeServer } from './server/http-server.ts';
import { listenOn } from './server/listen.ts';
import { listenersOf } from './server/listener.ts';
import { ServedCertificate } from './server/served-certificate.ts';
import { StateDatabase } from './state/state-database.ts';

export interface RunningGateway {
  /** 0 while any port will do and there is no address to listen at. */
  readonly port: number;
  /** `http://127.0.0.1:18789`, or with `https:`. Absent while a tailnet bind has no address: then nothing listens. */
  readonly url: string | undefined;
  /**
   * Listens at a tailnet address that comes and goes: told of each new one, and of having none, or none that can be listened
   * at and why. One listener.
   */
  onMoved(listener: (url: string | undefined, cause: ErrorInfo | undefined) => void): void;
  /** SHA-256 of the certificate it shows, as clients pin it; absent without TLS. */
  readonly fingerprint: string | undefined;
  /**
   * Takes over what may change in a running gateway: secrets and their limits, allowed origins, trusted proxies, rules of
   * nodes. With other credentials, whoever came in with the old ones is out.
   *
   * @throws AppError `gateway/bind-needs-secret`, `tailscale/needs-secret` or `tailscale/needs-password` when it would be
   *   open to others too easily; everything is then as it was.
   */
  reload(options: GatewayRunOptions): void;
  /**
   * Opens a listener that only Tailscale is to be told of. Who comes by it is never taken for a program on this computer.
   *
   * @throws AppError `tailscale/needs-secret` or `tailscale/needs-password`.
   */
  openRoute(request: RouteRequest): Promise<OpenRoute>;
  /** Tells clients why, lets started requests finish for up to 5 s, and resolves when nothing of it is left. */
  stop(reason: string): Promise<void>;
}

/**
 * Starts a gateway. The caller stops it.
 *
 * @throws AppError `gateway/bind-needs-secret`, `gateway/port-taken`, `gateway/address-unavailable`, `gateway/state-…`.
 */
export async function startGateway(options: GatewayRunOptions, deps: GatewayDeps): Promise<RunningGateway> {
  checkExposure(options, options.auth);
  const listeners = listenersOf(options);
  const addresses = listeners.map(({ address }) => address);
  const database = await openState(options, addresses);
  const certificate = await openCertificate(options, addresses, deps).catch((error: unknown) => {
    database.close();
    throw error;
  });
  const meter = new EventLoopMeter();
  const parts = assembleGateway(options, deps, { meter, database });
  const place = new Whereabouts(certificate === undefined ? 'http' : 'https', deps.log);
  const onMoved: BindDeps['onMoved'] = (address, cause) => {
    parts.setPort(bind.port);
    place.moved(address, bind.port, cause);
  };
  let bind: Bind;
  try {
    bind = await openBind(listeners, options, { ...deps, parts, certificate, onMoved });
  } catch (error) {
    meter.stop();
    certificate?.close();
    await parts.hub.stop('not started');
    database.close();
    throw error;
  }
  parts.setPort(bind.port);
  place.opened(addresses[0], bind.port);
  return {
    get port() {
      return bind.port;
    },
    get url() {
      return place.url;
    },
    onMoved: (listener) => (place.onMoved = listener),
    fingerprint: certificate?.fingerprint,
    reload: (next) => parts.reload(next),
    openRoute: (request) => parts.entrance.routes.open(request),
    stop: async (reason) => {
      const all = [...(await bind.stop()), ...parts.entrance.routes.stop()];
      const closed = all.map(closeServer);
      parts.entrance.watch.stop();
      parts.entrance.sockets.turnAway(1012, 'service restart');
      await parts.hub.stop(reason);
      parts.entrance.sockets.stop();
      for (const server of all) server.closeAllConnections();
      await Promise.all([...closed, bind.left()]);
      // What took longer than the others would wait for is stopped, with what was said kept.
      await parts.state.runs.stop();
      meter.stop();
      certificate?.close();
      database.close();
      deps.log.info('gateway stopped', { reason });
    },
  };
}

/** Where a gateway is reached, and who is told when that changes. */
class Whereabouts {
  readonly #scheme: 'http' | 'https';
  readonly #log: Logger;
  onMoved = (_url: string | undefined, _cause: ErrorInfo | undefined): void => {};
  url: string | undefined;

  constructor(scheme: 'http' | 'https', log: Logger) {
    this.#scheme = scheme;
    this.#log = log;
  }

  opened(address: string | undefined, port: number): void {
    this.url = address && urlOf(this.#scheme, address, port);
    this.#log.info(this.url === undefined ? 'gateway waits for an address' : 'gateway listens', { url: this.url });
  }

  moved(address: string | undefined, port: number, cause: ErrorInfo | undefined): void {
    this.url = address && urlOf(this.#scheme, address, port);
    if (cause !== undefined) this.#log.warn('the gateway cannot listen at its tailnet address', { cause });
    else this.#log.info(this.url === undefined ? 'the tailnet address is gone' : 'gateway moved', { url: this.url });
    this.onMoved(this.url, cause);
  }
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

/** Made for every name under which this computer is asked for, as far as it knows. */
async function openCertificate({ tls }: GatewayRunOptions, addresses: readonly string[], { clock, log }: GatewayDeps) {
  if (tls === undefined) return undefined;
  const computer = hostname().toLowerCase();
  const names = new Set([computer, `${computer.replace(/\.local$/, '')}.local`, 'localhost', '127.0.0.1', '::1']);
  const all = addresses.some(isEvery) ? Object.values(networkInterfaces()).flatMap((each) => each ?? []) : [];
  const reached = [...addresses, ...all.map(({ address }) => address)].filter((address) => !isEvery(address));
  return ServedCertificate.open(tls, { clock, log, names: [...new Set([...names, ...reached])] });
}

function urlOf(scheme: 'http' | 'https', address: string, port: number): string {
  const reached = EVERY[address] ?? address;
  return `${scheme}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** Addresses that stand for all of a computer, and the one of them at which it is surely reached from here. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function isEvery(address: string): boolean {
  return EVERY[address] !== undefined;
}
