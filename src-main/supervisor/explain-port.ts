import type { ErrorInfo } from '../contract/errors.ts';
import type { Files, ProgramRunner } from '../platform/ports.ts';
import { findFreePort, findPortHolder } from '../platform/port-holder.ts';
import { probeGateway } from '../platform/probe-gateway.ts';

export interface PortExplainerDeps {
  readonly runner: ProgramRunner;
  readonly files: Files;
  readonly platform: NodeJS.Platform;
}

const PROBE_LIMIT_MS = 1_500;
/** Gateways keep this distance, because they use ports above their own. */
const SPACING = 120;

/** Says who holds a port, whether it is a gateway that could be attached to, and which port is free instead. */
export async function explainPort(
  port: number,
  options: { readonly attachable: boolean },
  deps: PortExplainerDeps,
): Promise<ErrorInfo> {
  const [holder, probe, suggestedPort] = await Promise.all([
    findPortHolder(port, deps),
    probeGateway(port, PROBE_LIMIT_MS),
    findFreePort(port + SPACING),
  ]);
  if (probe.compatible && options.attachable) {
    return { code: 'gateway/port-taken-by-gateway', params: { port, holder, version: probe.version, suggestedPort } };
  }
  return { code: 'gateway/port-taken', params: { port, holder, suggestedPort } };
}
