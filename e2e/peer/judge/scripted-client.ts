import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly seq?: number;
  readonly payload?: unknown;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly retryable?: boolean;
    readonly retryAfterMs?: number;
  };
}

/** A device identity, as a program keeps it: an Ed25519 key pair. */
export class Device {
  readonly publicKey: string;
  readonly id: string;
  readonly #key: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.#key = privateKey;
    this.publicKey = raw.toString('base64url');
    this.id = createHash('sha256').update(raw).digest('hex');
  }

  sign(text: string): string {
    return sign(undefined, Buffer.from(text), this.#key).toString('base64url');
  }
}

export interface Hello {
  readonly client?: Readonly<Record<string, unknown>>;
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly auth?: Readonly<Record<string, string>>;
  readonly device?: Device;
  /** How the device signs. */
  readonly signature?: {
    readonly version?: 'v2' | 'v3';
    readonly skewMs?: number;
    readonly nonce?: string | null;
    readonly id?: string;
    readonly break?: boolean;
  };
  /** Further properties of the request, written over the others. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const CLI = { id: 'cli', mode: 'cli', version: '2026.9.6', platform: 'linux', deviceFamily: 'Linux' };
export const NODE_HOST = { ...CLI, id: 'node-host', mode: 'node', displayName: 'bench' };
export const TUI = { ...CLI, id: 'openclaw-tui', mode: 'ui' };

/** A client that says exactly what a scenario tells it to, to either gateway. */
export class ScriptedClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #lastId = 0;
  #isClosed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as Frame);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString('utf8') });
      });
    });
  }

  /** @throws Error with the HTTP status when the upgrade is refused */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<ScriptedClient> {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const client = new ScriptedClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        reject(new Error(`upgrade refused: ${response.statusCode}`));
      });
      socket.once('error', reject);
    });
    await client.next(({ event }) => event === 'connect.challenge');
    return client;
  }

  /** The first frame, said already or to come, that fits; `undefined` when the socket closes or 8 s are over first. */
  async next(accepts: (frame: Frame) => boolean, limitMs = 8_000): Promise<Frame | undefined> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const found = this.frames.find(accepts);
      const leftMs = endMs - performance.now();
      if (found !== undefined || this.#isClosed || leftMs <= 0) return found;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  event(name: string): Promise<Frame | undefined> {
    return this.next(({ event }) => event === name);
  }

  send(value: unknown): void {
    this.#socket.send(typeof value === 'string' || value instanceof Buffer ? value : JSON.stringify(value));
  }

  async request(method: string, params?: unknown): Promise<Frame | undefined> {
    this.#lastId += 1;
    const id = `r${this.#lastId}`;
    this.send({ type: 'req', id, method, ...(params !== undefined && { params }) });
    return this.next((frame) => frame.type === 'res' && frame.id === id, 20_000);
  }

  connect(hello: Hello): Promise<Frame | undefined> {
    return this.request('connect', this.#connectParams(hello));
  }

  close(): void {
    this.#socket.close();
  }

  #connectParams(hello: Hello): object {
    const { client = CLI, role = 'operator', scopes = ['operator.read'], auth, device, more = {} } = hello;
    const { payload } = this.frames.find(({ event }) => event === 'connect.challenge') ?? {};
    const said = { ...hello, client, role, scopes };
    return {
      minProtocol: 4,
      maxProtocol: 4,
      client,
      caps: [],
      role,
      scopes,
      auth,
      device: device && proof(device, said, payload as Challenge),
      ...more,
    };
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

interface Challenge {
  readonly nonce: string;
  readonly ts: number;
}

/** What the device says and signs; the payload of v2 lacks the last two fields of v3. */
function proof(
  device: Device,
  { client, role, scopes, auth = {}, signature = {} }: Hello & Required<Pick<Hello, 'client' | 'role' | 'scopes'>>,
  { nonce: challenge, ts }: Challenge,
): object {
  const { version = 'v3', skewMs = 0, nonce = challenge, id = device.id } = signature;
  const signedAt = ts + skewMs;
  const said = nonce ?? undefined;
  const token = auth['token'] ?? auth['deviceToken'] ?? '';
  const { id: clientId, mode, platform, deviceFamily } = client;
  const fields = [version, device.id, clientId, mode, role, scopes.join(','), signedAt, token, said];
  const metadata = [platform, deviceFamily].map((field) => (typeof field === 'string' ? field.toLowerCase() : ''));
  const text = [...fields, ...(version === 'v3' ? metadata : [])].join('|');
  const signed = device.sign(signature.break === true ? `${text}!` : text);
  return { id, publicKey: device.publicKey, signature: signed, signedAt, nonce: said };
}
