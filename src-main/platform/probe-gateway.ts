import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

import { connectChecked } from './checked-tls.ts';

export interface GatewayProbe {
  readonly compatible: boolean;
  readonly version: string | undefined;
}

const MAX_BODY_BYTES = 64 * 1024;
/** A version is shown to people, so it may hold nothing but what versions are made of. */
const VERSION = /^[\w.+-]{1,64}$/;

/**
 * Asks what listens on a port of this computer whether it is an OpenClaw-compatible gateway, by the
 * answers such a gateway gives to everybody: `{"ok":true,"status":"started","version":…}` on
 * `/startupz`, `{"ok":true,"status":"live"}` on `/healthz`. Sends no credential, follows no
 * redirect, takes `timeoutMs` at most and never throws.
 */
export function probeGateway(port: number, timeoutMs: number): Promise<GatewayProbe> {
  return probeGatewayAt(`http://127.0.0.1:${port}`, timeoutMs);
}

/** The same for what answers at an `http://` or `https://` address; `pin` as `connectChecked` has it. */
export async function probeGatewayAt(url: string, timeoutMs: number, pin?: string): Promise<GatewayProbe> {
  const asking = { signal: AbortSignal.timeout(timeoutMs), pin };
  const base = url.replace(/\/+$/, '');
  const started = await answer(`${base}/startupz`, asking);
  const version = started?.['version'];
  if (isWell(started, ['starting', 'started'])) {
    return { compatible: true, version: typeof version === 'string' && VERSION.test(version) ? version : undefined };
  }
  return { compatible: isWell(await answer(`${base}/healthz`, asking), ['live']), version: undefined };
}

function isWell(body: Readonly<Record<string, unknown>> | undefined, statuses: readonly string[]): boolean {
  return body?.['ok'] === true && statuses.includes(String(body['status']));
}

interface Asking {
  readonly signal: AbortSignal;
  readonly pin: string | undefined;
}

async function answer(url: string, asking: Asking): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const body: unknown = JSON.parse(await getText(url, asking));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function getText(url: string, { signal, pin }: Asking): Promise<string> {
  const isTls = url.startsWith('https:');
  const request = isTls ? requestHttps : requestHttp;
  const checked = isTls ? { createConnection: (options: object) => connectChecked(options, pin) } : {};
  return new Promise((resolve, reject) => {
    const asked = request(url, { signal, agent: false, ...checked }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) asked.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.once('end', () => resolve(Buffer.concat(chunks).toString()));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}
