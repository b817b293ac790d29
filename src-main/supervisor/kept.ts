import { LOCAL_GATEWAY, type GatewayId } from '../contract/snapshot.ts';
import type { Settings } from '../config/settings-schema.ts';
import { GATEWAY_PORT } from './new-record.ts';

/** Gateways use ports above their own, so they keep this distance. */
const SPACING = 120;

/**
 * The settings with a gateway kept beside the one in use, or no longer. One that is kept needs a local port that no
 * other gateway wants: it gets one the first time, and has it for good.
 */
export function withKept(settings: Settings, id: GatewayId, keep: boolean): Settings {
  const others = settings.keep.filter((kept) => kept !== id);
  if (!keep) return { ...settings, keep: others };
  const taken = portsExcept(settings, id);
  const own = portOf(settings, id);
  const kept: Settings = { ...settings, keep: [...others, id] };
  return own === undefined || !taken.includes(own) ? kept : withPort(kept, id, freePort(taken));
}

function portOf({ local, gateways }: Settings, id: GatewayId): number | undefined {
  if (id === LOCAL_GATEWAY) return local.port ?? GATEWAY_PORT;
  const record = gateways.find((each) => each.id === id);
  return record?.kind === 'ssh' ? record.localPort : undefined;
}

function portsExcept(settings: Settings, id: GatewayId): readonly number[] {
  const ids = [LOCAL_GATEWAY, ...settings.gateways.map((each) => each.id)].filter((each) => each !== id);
  const further = settings.gateways.flatMap((each) => (each.kind === 'ssh' ? each.forwards : []));
  return [...ids.flatMap((each) => portOf(settings, each) ?? []), ...further.map(({ localPort }) => localPort)];
}

function freePort(taken: readonly number[]): number {
  let port = GATEWAY_PORT + SPACING;
  while (taken.includes(port)) port += SPACING;
  return port;
}

function withPort(settings: Settings, id: GatewayId, port: number): Settings {
  if (id === LOCAL_GATEWAY) return { ...settings, local: { ...settings.local, port } };
  const gateways = settings.gateways.map((record) =>
    record.id === id && record.kind === 'ssh' ? { ...record, localPort: port } : record,
  );
  return { ...settings, gateways };
}
