import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { StateDatabase } from '../state/state-database.ts';
import type { DeviceRecord, DeviceToken, Role } from './device-record.ts';

const KEY_NAME = 'device-tokens';

/**
 * Tokens of devices. None is stored: each is computed from a key of the gateway and the number of its generation, so the
 * same one can be given again, and a new number makes the old one worthless.
 */
export class DeviceTokens {
  readonly #key: Buffer;

  constructor(database: StateDatabase) {
    this.#key = database.transaction(() => {
      const kept = database.get('SELECT value FROM secrets WHERE name = ?', KEY_NAME)?.['value'];
      if (typeof kept === 'string') return Buffer.from(kept, 'base64url');
      const key = randomBytes(32);
      database.run('INSERT INTO secrets (name, value) VALUES (?, ?)', KEY_NAME, key.toString('base64url'));
      return key;
    });
  }

  /** `undefined` when the device has no token for the role, or it was revoked. */
  tokenOf({ deviceId, tokens }: DeviceRecord, role: Role): string | undefined {
    const token = tokens[role];
    if (token === undefined || token.revokedAtMs !== undefined) return undefined;
    return this.#compute(deviceId, role, token).toString('base64url');
  }

  /** The token of the device, if that is what was presented. In constant time. */
  find({ deviceId, tokens }: DeviceRecord, role: Role, presented: readonly string[]): DeviceToken | undefined {
    const token = tokens[role];
    if (token === undefined || token.revokedAtMs !== undefined) return undefined;
    const expected = this.#compute(deviceId, role, token);
    const isIt = (text: string): boolean => {
      const given = Buffer.from(text, 'base64url');
      return given.length === expected.length && timingSafeEqual(given, expected);
    };
    return presented.filter(isIt).length > 0 ? token : undefined;
  }

  #compute(deviceId: string, role: Role, { generation }: DeviceToken): Buffer {
    return createHmac('sha256', this.#key).update(`${deviceId}|${role}|${generation}`).digest();
  }
}
