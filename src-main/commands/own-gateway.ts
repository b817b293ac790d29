import { X509Certificate } from 'node:crypto';
import { networkInterfaces } from 'node:os';

import { loadGatewayConfig } from '../config/gateway-config.ts';
import { fail } from '../contract/errors.ts';
import { secretOf, type GatewayRunOptions } from '../contract/gateway-host.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import { ControlClient } from '../control/control-client.ts';
import { listenersOf } from '../gateway/server/listener.ts';
import { tokenName } from '../supervisor/handlers.ts';
import type { Endpoint } from '../supervisor/line.ts';
import { resolveRunOptions } from '../supervisor/run-options.ts';
import type { NodeSurroundings } from './surroundings.ts';

/**
 * Where the gateway of this home is reached and with what, from its configuration: it may run without the app. Absent
 * where none has ever been made here.
 *
 * @throws AppError `gateway/no-tailnet-address`, or what is wrong with the configuration
 */
export async function ownGateway(
  around: NodeSurroundings,
): Promise<(Endpoint & { readonly secret: string | undefined }) | undefined> {
  const { paths, files, secrets, env, version, controlUiRoot } = around;
  const configFile = paths.gatewayConfig;
  const loaded = await loadGatewayConfig(configFile, files);
  // Otherwise asking whether it is well would make a token for it.
  const isKnown = loaded.exists || (await secrets.get(tokenName(LOCAL_GATEWAY))) !== undefined;
  if (!isKnown) return undefined;
  const home = paths.root;
  const sources = { loaded, secrets, env, home, configFile, version, controlUiRoot, overrides: {} };
  const options = await resolveRunOptions(sources);
  return { ...(await endpointOf(options, around)), secret: secretOf(options.auth) };
}

/** The gateway of this computer: as the running app reaches it, which alone can open its keychain, else as configured. */
export async function gatewayHere(around: NodeSurroundings): ReturnType<typeof ownGateway> {
  const client = await ControlClient.connect(around.paths.controlSocket).catch(() => undefined);
  if (client === undefined) return ownGateway(around);
  try {
    const { use } = await client.call('snapshot.get', undefined);
    if (use !== LOCAL_GATEWAY) return await ownGateway(around);
    const { url, tlsFingerprint, token } = await client.call('gateway.env', undefined);
    return { url, tlsFingerprint, secret: token };
  } finally {
    client.close();
  }
}

async function endpointOf(options: GatewayRunOptions, { files }: NodeSurroundings): Promise<Endpoint> {
  const [listener] = listenersOf(options, networkInterfaces);
  if (listener === undefined) throw fail('gateway/no-tailnet-address', {});
  const { address } = listener;
  const reached = address === '0.0.0.0' ? '127.0.0.1' : address;
  const host = reached.includes(':') ? `[${reached}]` : reached;
  const { port, tls } = options;
  const certificate = tls && (await files.read(tls.certFile));
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://${host}:${port}`,
    tlsFingerprint: certificate && new X509Certificate(certificate).fingerprint256,
  };
}
