import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import type {
  GatewayBrowserDeviceIdentity,
  GatewayBrowserDeviceTokenRecord,
  GatewayBrowserDeviceTokenStore,
} from '@openclaw/gateway-client/browser';
import { z } from 'zod';

import type { Logger, SecretStore } from '../platform/ports.ts';

/** This computer as one gateway knows it: a key pair, and the token that gateway gave for it. */
export interface SessionDevice {
  identity(): Promise<GatewayBrowserDeviceIdentity>;
  readonly tokens: GatewayBrowserDeviceTokenStore;
}

export interface KeptDeviceDeps {
  readonly secrets: SecretStore;
  readonly log: Logger;
  /** Told of every secret before it is used, so that no log will show it. */
  readonly onSecret: (secret: string) => void;
}

/** Names of what is kept with the secrets, to be deleted with the gateway. */
export const deviceSecretNames = (gateway: string): { readonly key: string; readonly token: string } => ({
  key: `gateway.${gateway}.device-key`,
  token: `gateway.${gateway}.device-token`,
});

const TokenRecord = z.object({
  deviceId: z.string(),
  clientId: z.string(),
  role: z.string(),
  token: z.string().min(1).max(4_096),
  scopes: z.array(z.string()),
});

type Owner = Parameters<GatewayBrowserDeviceTokenStore['load']>[0];

/**
 * The device of one gateway of the list. Each gateway gets a key pair of its own, so that two of them cannot tell that
 * it is the same computer; it is made on first use, and goes by the gateway's id, so a moved port or a changed address
 * asks for no second approval.
 *
 * Loading rejects with AppError `secrets/unreadable`.
 */
export class KeptDevice implements SessionDevice {
  readonly #deps: KeptDeviceDeps;
  readonly #names: ReturnType<typeof deviceSecretNames>;
  #identity: Promise<GatewayBrowserDeviceIdentity> | undefined;

  constructor(gateway: string, deps: KeptDeviceDeps) {
    this.#deps = deps;
    this.#names = deviceSecretNames(gateway);
  }

  identity(): Promise<GatewayBrowserDeviceIdentity> {
    this.#identity ??= this.#load().catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  async #load(): Promise<GatewayBrowserDeviceIdentity> {
    const { secrets, log, onSecret } = this.#deps;
    const kept = await secrets.get(this.#names.key);
    const known = kept === undefined ? undefined : readKey(kept);
    if (kept !== undefined && known === undefined) log.warn('the key of this device was unreadable; made anew');
    const key = known ?? generateKeyPairSync('ed25519').privateKey;
    const text = key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    onSecret(text);
    if (known === undefined) await secrets.set(this.#names.key, text);
    return identityOf(key);
  }

  readonly tokens: GatewayBrowserDeviceTokenStore = {
    load: async (owner) => this.#loadToken(owner),
    store: async ({ deviceId, clientId, role, token, scopes }) => {
      const { secrets, log, onSecret } = this.#deps;
      onSecret(token);
      const text = JSON.stringify({ deviceId, clientId, role, token, scopes });
      try {
        if ((await secrets.get(this.#names.token)) !== text) await secrets.set(this.#names.token, text);
      } catch (error) {
        // The connection stands; the secret of the gateway opens the next one as well.
        log.warn('the token of this device was not kept', { error });
      }
    },
    clear: async () => {
      const { secrets, log } = this.#deps;
      // It is refused again the next time, which costs no more than this time.
      await secrets.delete(this.#names.token).catch((error: unknown) => log.warn('a stale token stays', { error }));
    },
  };

  async #loadToken(owner: Owner): Promise<GatewayBrowserDeviceTokenRecord | null> {
    const text = await this.#deps.secrets.get(this.#names.token);
    const record = text === undefined ? undefined : readToken(text);
    const isOwn =
      record?.deviceId === owner.deviceId && record.clientId === owner.clientId && record.role === owner.role;
    if (record === undefined || !isOwn) return null;
    this.#deps.onSecret(record.token);
    return { token: record.token, scopes: record.scopes };
  }
}

function readKey(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function readToken(text: string): z.infer<typeof TokenRecord> | undefined {
  try {
    return TokenRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The id is the hash of the raw key, as gateways compute it; the raw key is the end of SubjectPublicKeyInfo (RFC 8410). */
function identityOf(key: KeyObject): GatewayBrowserDeviceIdentity {
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
    sign: async (payload) => sign(undefined, Buffer.from(payload), key).toString('base64url'),
  };
}
