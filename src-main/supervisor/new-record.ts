import { randomUUID } from 'node:crypto';

import type { NewGateway } from '../contract/calls.ts';
import { fail } from '../contract/errors.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import type { GatewayRecord, GatewayRoute, Settings } from '../config/settings-schema.ts';

/** Default port of a gateway, here and over there. */
export const GATEWAY_PORT = 18_789;

/**
 * The record of a gateway that is added: a stable id, a flag nobody has yet, and the port local programs expect.
 * @throws AppError `app/input-invalid` when the name is taken.
 */
export function newRecord(input: NewGateway, { gateways }: Settings): GatewayRecord {
  const name = input.name.trim();
  if ([...gateways.map((record) => record.name), 'off', 'local'].some((taken) => sameName(taken, name))) {
    throw fail('app/input-invalid', { call: 'gateway.add', problem: `The name “${name}” is taken` });
  }
  const number = gateways.length + 1;
  const identity = {
    id: `g-${randomUUID().slice(0, 8)}` as GatewayId,
    name,
    flag: { pattern: (number % 6) + 1, hue: (number % 6) + 1 },
  };
  return { ...identity, ...routeOf(input) };
}

/** How a gateway is reached: what was given, and the usual for the rest. */
export function routeOf(input: NewGateway): GatewayRoute {
  if (input.kind === 'direct') {
    const { url, tlsFingerprint, trustedNetwork } = input;
    return { kind: 'direct', url, tlsFingerprint, trustedNetwork: trustedNetwork || undefined };
  }
  return {
    kind: 'ssh',
    target: input.target,
    engine: input.engine ?? 'built-in',
    remoteHost: '127.0.0.1',
    remotePort: input.remotePort ?? GATEWAY_PORT,
    localPort: input.localPort ?? GATEWAY_PORT,
    identityFile: input.identityFile,
    knownHostsFile: input.knownHostsFile,
    sshConfigFile: input.sshConfigFile,
    forwards: [],
  };
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
