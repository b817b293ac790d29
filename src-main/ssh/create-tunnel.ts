import type { SshEngine } from '../contract/tunnel.ts';
import type { CompanionStarter } from '../platform/ports.ts';
import { SystemSshDialer } from './system-ssh/system-dialer.ts';
import { Tunnel, type TunnelDeps, type TunnelOptions } from './tunnel.ts';

export type EngineOptions = TunnelOptions & { readonly engine: SshEngine };

/** An attempt is a program to be started, which costs a hundred times what a SYN does. */
const MIN_RETRY_MS = 1_000;

/** A tunnel by the engine that was chosen; all else about it is the same. */
export function createTunnel(
  { engine, ...options }: EngineOptions,
  deps: TunnelDeps & { readonly companions: CompanionStarter },
): Tunnel {
  if (engine === 'built-in') return new Tunnel(options, deps);
  const alsoReach = (options.forwards ?? []).map(({ remoteHost: host, remotePort: port }) => ({ host, port }));
  const dialer = new SystemSshDialer({ ...options, alsoReach }, deps);
  return new Tunnel(options, { ...deps, dial: (request) => dialer.dial(request), minRetryMs: MIN_RETRY_MS });
}
