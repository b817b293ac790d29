import { readFile } from 'node:fs/promises';

import { fail } from '../contract/errors.ts';
import { openGatewaySession } from '../gateway-client/gateway-session.ts';
import { parseGatewayUrl } from '../gateway-client/gateway-url.ts';
import { ControlClient } from '../control/control-client.ts';
import type { Endpoint } from '../supervisor/line.ts';
import { ownGateway } from './own-gateway.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

export interface HealthCommandOptions {
  readonly url: string | undefined;
  /** A file with the secret; `-` is standard input. */
  readonly secretFile: string | undefined;
  /** Of the one certificate it may show, as `--tls-fingerprint` was typed. */
  readonly tlsFingerprint: string | undefined;
  /** `ws://` may lead to a private or tailnet address. */
  readonly trustedNetwork: boolean;
  readonly json: boolean;
}

const HEALTH_LIMIT_MS = 10_000;

/** `gangway health`: one call that goes the whole way. Exits 0 healthy, 1 unhealthy, 2 unreachable, 3 refused. */
export async function healthCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: HealthCommandOptions,
): Promise<ExitCode> {
  const { url, tlsFingerprint, secret } = await gatewayToAsk(terminal, around, options);
  const session = await openGatewaySession(
    {
      url,
      tlsFingerprint,
      gateway: new URL(url).host,
      secret,
      version: around.version,
      platform: around.machine.platform,
      computer: around.machine.computer,
      onEvent: () => {},
    },
    AbortSignal.timeout(HEALTH_LIMIT_MS + 5_000),
  );
  try {
    const sentAtMs = performance.now();
    const health = (await session.request('health', undefined, HEALTH_LIMIT_MS)) as { readonly ok?: unknown };
    const roundTripMs = Math.round((performance.now() - sentAtMs) * 10) / 10;
    const { version, startedAtMs } = session.hello;
    const healthy = health.ok === true;
    const uptimeMs = around.clock.now() - startedAtMs;
    const answer = { healthy, url, version, uptimeMs, roundTripMs };
    terminal.out(options.json ? `${JSON.stringify(answer)}\n` : healthText(answer));
    return healthy ? EXIT.done : EXIT.notWell;
  } finally {
    await session.close();
  }
}

interface HealthAnswer {
  readonly healthy: boolean;
  readonly url: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly roundTripMs: number;
}

function healthText({ healthy, url, version, uptimeMs, roundTripMs }: HealthAnswer): string {
  const up = `${Math.floor(uptimeMs / 1000)} s`;
  return `${healthy ? 'healthy' : 'unhealthy'}: ${url}, version ${version}, up ${up}, ${roundTripMs} ms\n`;
}

/** The gateway that was named, else the one in use by the running app, else the one that runs here without it. */
async function gatewayToAsk(
  terminal: Terminal,
  around: NodeSurroundings,
  { url, secretFile, tlsFingerprint, trustedNetwork }: HealthCommandOptions,
): Promise<Endpoint & { readonly secret: string | undefined }> {
  const given = await readSecret(terminal, secretFile);
  if (url !== undefined) return { url: parseGatewayUrl(url, trustedNetwork), tlsFingerprint, secret: given };
  const client = await ControlClient.connect(around.paths.controlSocket).catch((error: unknown) => error);
  if (!(client instanceof ControlClient)) {
    const own = await ownGateway(around);
    if (own === undefined) throw client;
    return { ...own, tlsFingerprint: tlsFingerprint ?? own.tlsFingerprint, secret: given ?? own.secret };
  }
  try {
    const env = await client.call('gateway.env', undefined);
    return { url: env.url, tlsFingerprint: tlsFingerprint ?? env.tlsFingerprint, secret: given ?? env.token };
  } finally {
    client.close();
  }
}

/** A secret from a file or standard input, or from the environment; never from an argument. */
export async function readSecret(terminal: Terminal, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return terminal.env['OPENCLAW_GATEWAY_TOKEN'] ?? terminal.env['OPENCLAW_GATEWAY_PASSWORD'];
  const text = file === '-' ? await terminal.readInput() : await readFile(file, 'utf8').catch(() => undefined);
  const secret = text?.trim();
  if (secret === undefined || secret === '') {
    throw fail('app/input-invalid', { call: 'secret', problem: `No secret could be read from ${file}` });
  }
  return secret;
}
