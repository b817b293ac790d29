import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import type { GatewayRunOptions } from '../../contract/gateway-host.ts';
import { nodeClock } from '../../platform/node-clock.ts';
import type { Clock } from '../../platform/ports.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import type { ConfigSource, ConfigView, PatchOutcome } from '../../contract/config-view.ts';
import type { GatewayDeps } from '../gateway-parts.ts';
import { startGateway, type RunningGateway } from '../gateway.ts';

export const TOKEN = 'a-token-that-is-long-enough';

export const runOptions: GatewayRunOptions = {
  home: '/nowhere',
  configFile: '/nowhere/gateway.json5',
  version: '1.2.3',
  bind: 'loopback',
  host: undefined,
  port: 0,
  auth: { mode: 'token', token: TOKEN },
  controlUi: { enabled: false, root: '/nowhere', allowedOrigins: [] },
  rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: true },
  trustedProxies: [],
  nodes: { autoApproveLocal: true, commands: { allow: [], deny: [] } },
  tailscale: { mode: 'off', port: 443, resetOnExit: true, allowIdentity: true, allowedUserIds: [] },
  tls: undefined,
};

/** A configuration that takes any change, for what is not about the file. */
class MemoryConfig implements ConfigSource {
  #revision = 0;
  #parsed: Readonly<Record<string, unknown>> = {};

  view(): Promise<ConfigView> {
    const base = { path: '/memory/gateway.json5', exists: true, hash: `r${this.#revision}`, valid: true, issues: [] };
    return Promise.resolve({ ...base, raw: JSON.stringify(this.#parsed), parsed: this.#parsed });
  }

  async patch(raw: string, baseHash: string): Promise<PatchOutcome> {
    if (baseHash !== `r${this.#revision}`) return { status: 'stale' };
    if (raw.includes('fault')) return { status: 'invalid', issues: [{ path: 'gateway.port', message: 'fault' }] };
    this.#revision += 1;
    this.#parsed = { ...this.#parsed, ...(JSON.parse(raw) as Record<string, unknown>) };
    return { status: 'written', view: await this.view(), changedPaths: Object.keys(this.#parsed) };
  }
}

/** In a home of its own, removed when it stops, unless one is given. */
export async function startTestGateway(
  options: Partial<GatewayRunOptions> = {},
  clock: Clock = nodeClock,
  more: Partial<GatewayDeps> = {},
): Promise<RunningGateway> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'gangway-gateway-'));
  const removeHome = (): void => {
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };
  try {
    const gateway = await startGateway(
      { ...runOptions, ...options, home },
      { clock, log: nullLogger, computer: 'desk', config: new MemoryConfig(), ...more },
    );
    return { ...gateway, stop: (reason) => gateway.stop(reason).finally(removeHome) };
  } catch (error) {
    removeHome();
    throw error;
  }
}

export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly seq?: number;
  readonly payload?: never;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: never };
}

/** A client that says exactly what a test tells it to. */
export class RawClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString('utf8')) as Frame));
    socket.on('error', () => undefined);
    // Every request that waits listens for itself.
    socket.setMaxListeners(0);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }));
    });
  }

  static async open(port: number, headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`ws://127.0.0.1:${port}`, { headers }));
    await once(client.socket, 'open');
    await client.next(({ event }) => event === 'connect.challenge');
    return client;
  }

  /** The first frame, said already or to come, that fits. */
  async next(accepts: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(accepts);
      if (found !== undefined) return found;
      const over = new AbortController();
      await Promise.race(['message', 'close'].map((event) => once(this.socket, event, over)));
      over.abort();
      if (this.socket.readyState === WebSocket.CLOSED && !this.frames.some(accepts)) throw new Error('closed');
    }
  }

  send(value: unknown): void {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value));
  }

  async request(method: string, params?: unknown): Promise<Frame> {
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.send({ type: 'req', id, method, ...(params !== undefined && { params }) });
    return this.next((frame) => frame.type === 'res' && frame.id === id);
  }

  connect(params: Readonly<Record<string, unknown>> = {}): Promise<Frame> {
    return this.request('connect', { ...connectParams, ...params });
  }

  get nonce(): string {
    const challenge = this.frames.find(({ event }) => event === 'connect.challenge');
    return (challenge?.payload as { nonce: string } | undefined)?.nonce ?? '';
  }
}

export const cli = { id: 'cli', mode: 'cli', version: '2026.9.6', platform: 'linux', deviceFamily: 'Linux' };

export const connectParams = {
  minProtocol: 4,
  maxProtocol: 4,
  client: cli,
  caps: [],
  role: 'operator',
  scopes: ['operator.read'],
  auth: { token: TOKEN },
};

export const controlUi = { ...cli, id: 'openclaw-control-ui', mode: 'webchat' };
export const tui = { ...cli, id: 'openclaw-tui', mode: 'ui' };
export const nodeHost = { ...cli, id: 'node-host', mode: 'node', displayName: 'bench' };

interface SignedConnect {
  readonly client?: typeof cli;
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly auth?: Readonly<Record<string, string>>;
  readonly version?: 'v2' | 'v3';
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A device identity, as a program keeps it. */
export class TestDevice {
  readonly #keys = generateKeyPairSync('ed25519');
  readonly #raw = this.#keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  readonly id = createHash('sha256').update(this.#raw).digest('hex');

  /** Connects as this device. `rawClient` has heard its challenge. */
  connect(rawClient: RawClient, asked: SignedConnect = {}): Promise<Frame> {
    const { client = tui, role = 'operator', scopes = ['operator.read'], auth = { token: TOKEN } } = asked;
    const { version = 'v3', more = {} } = asked;
    const signedAt = Date.now();
    const { nonce } = rawClient;
    const token = auth['token'] ?? auth['deviceToken'] ?? '';
    const fields = [version, this.id, client.id, client.mode, role, scopes.join(','), signedAt, token, nonce];
    const text = [...fields, ...(version === 'v3' ? [client.platform, client.deviceFamily.toLowerCase()] : [])].join(
      '|',
    );
    const signature = sign(undefined, Buffer.from(text), this.#keys.privateKey).toString('base64url');
    const device = { id: this.id, publicKey: this.#raw.toString('base64url'), signature, signedAt, nonce };
    return rawClient.connect({ client, role, scopes, auth, device, ...more });
  }
}
