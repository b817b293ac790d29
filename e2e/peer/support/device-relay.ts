import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer } from 'ws';

interface Frame {
  readonly type: string;
  readonly event?: string;
  readonly method?: string;
  readonly payload?: { readonly nonce?: string; readonly ts?: number };
  readonly params?: ConnectParams;
}

interface ConnectParams {
  readonly client: Readonly<Record<string, string>>;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly auth: { readonly token: string };
}

/**
 * Stands before a gateway and turns whoever connects into an app with a device identity of its own, so that the real
 * gateway wants the device to be approved. It knows one device, changes the connect request alone, and passes on
 * everything else as it is.
 */
export class DeviceRelay {
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly #keys = generateKeyPairSync('ed25519');
  readonly #target: string;

  constructor(target: string) {
    this.#target = target;
    this.#server.on('connection', (socket) => this.#relay(socket));
  }

  async listening(): Promise<number> {
    if (this.#server.address() === null) await new Promise((resolve) => this.#server.once('listening', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  get deviceId(): string {
    return createHash('sha256').update(rawKey(this.#keys.publicKey)).digest('hex');
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(near: WebSocket): void {
    const far = new WebSocket(this.#target, { perMessageDeflate: false });
    let challenge: Frame['payload'];
    far.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      if (frame.event === 'connect.challenge') challenge = frame.payload;
      near.send(data.toString('utf8'));
    });
    near.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      const { params } = frame;
      const isConnect = frame.method === 'connect' && params !== undefined;
      far.send(JSON.stringify(isConnect ? { ...frame, params: this.#asDevice(params, challenge) } : frame));
    });
    for (const [one, other] of [
      [far, near],
      [near, far],
    ] as const) {
      one.on('error', () => other.terminate());
      one.on('close', (code, reason) =>
        code > 1001 && code !== 1005 && code !== 1006 ? other.close(code, reason) : other.terminate(),
      );
    }
  }

  #asDevice(params: ConnectParams, challenge: Frame['payload']): object {
    const { ts: signedAt = 0, nonce = '' } = challenge ?? {};
    const client = { ...params.client, id: 'openclaw-linux', mode: 'ui' };
    const who = `v2|${this.deviceId}|${client.id}|${client.mode}|${params.role}|${params.scopes.join(',')}`;
    const payload = `${who}|${signedAt}|${params.auth.token}|${nonce}`;
    const signature = sign(undefined, Buffer.from(payload), this.#keys.privateKey).toString('base64url');
    const publicKey = rawKey(this.#keys.publicKey).toString('base64url');
    return { ...params, client, device: { id: this.deviceId, publicKey, signature, signedAt, nonce } };
  }
}

/** The 32 bytes at the end of SubjectPublicKeyInfo (RFC 8410). */
function rawKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}
