import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';

import type { ErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { Clock } from '../platform/ports.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { closeListener } from './server/close-listener.ts';
import { FollowedAddress } from './server/followed-address.ts';
import { listenOn } from './server/listen.ts';
import { tailnetAddressOf, type BindListener } from './server/listener.ts';
import type { ServedCertificate } from './server/served-certificate.ts';

/** Where the gateway listens as it was told to. */
export interface Bind {
  readonly port: number;
  /** Listens at no other address from now on; resolves with what still listens, for the gateway to close. */
  stop(): Promise<readonly Server[]>;
  /** Resolves when nothing is left of where it listened before. */
  left(): Promise<void>;
}

export interface BindDeps {
  readonly clock: Clock;
  readonly parts: GatewayParts;
  readonly certificate: ServedCertificate | undefined;
  /** The address is another, or there is none for now, or one that cannot be listened at, and why. */
  readonly onMoved: (address: string | undefined, cause: ErrorInfo | undefined) => void;
}

/** @throws AppError `gateway/port-taken` or `gateway/address-unavailable`; nothing listens then. */
export async function openBind(
  listeners: readonly BindListener[],
  options: GatewayRunOptions,
  deps: BindDeps,
): Promise<Bind> {
  if (options.bind === 'tailnet') return followTailnet(listeners[0]?.address, options, deps);
  const servers = deps.parts.entrance.createServers(listeners, deps.certificate);
  const addresses = listeners.map(({ address }) => address);
  const port = await listenOn(servers, addresses, options.port);
  return { port, stop: () => Promise.resolve(servers), left: () => Promise.resolve() };
}

async function followTailnet(
  address: string | undefined,
  { host, port }: GatewayRunOptions,
  { clock, parts, certificate, onMoved }: BindDeps,
): Promise<Bind> {
  const { hub, entrance } = parts;
  const followed = new FollowedAddress({
    clock,
    addressNow: () => tailnetAddressOf(host, networkInterfaces()),
    create: (at) => {
      const listener: BindListener = { kind: 'bind', bind: 'tailnet', address: at };
      return { listener, server: entrance.createServer(listener, certificate) };
    },
    leave: (place) =>
      closeListener(place, 'address changed', { hub, sockets: entrance.sockets, answers: entrance.answers }),
    onMoved,
  });
  await followed.open(address, port);
  return {
    get port() {
      return followed.port;
    },
    stop: async () => {
      const server = await followed.stop();
      return server === undefined ? [] : [server];
    },
    left: () => followed.left(),
  };
}
