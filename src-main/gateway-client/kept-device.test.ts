import { createPublicKey, verify } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { deviceSecretNames, KeptDevice } from './kept-device.ts';

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const { key, token } = deviceSecretNames('g1');

function computer(kept: Readonly<Record<string, string>> = {}) {
  const secrets = new Map(Object.entries(kept));
  const redacted: string[] = [];
  const deps = {
    secrets: {
      get: async (name: string) => secrets.get(name),
      set: async (name: string, value: string) => void secrets.set(name, value),
      delete: async (name: string) => void secrets.delete(name),
    },
    log: nullLogger,
    onSecret: (secret: string) => void redacted.push(secret),
  };
  return { secrets, redacted, deviceOf: (gateway: string) => new KeptDevice(gateway, deps) };
}

describe('the key of a device', () => {
  it('is made once, signs, and is the same after a restart', async () => {
    const { secrets, redacted, deviceOf } = computer();
    const device = deviceOf('g1');
    const [one, same] = await Promise.all([device.identity(), device.identity()]);
    expect(same).toBe(one);
    expect(await deviceOf('g1').identity()).toMatchObject({ deviceId: one.deviceId, publicKey: one.publicKey });
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(one.publicKey, 'base64url')]),
      format: 'der',
      type: 'spki',
    });
    const signature = Buffer.from(await one.sign('payload'), 'base64url');
    expect(verify(undefined, Buffer.from('payload'), publicKey, signature)).toBe(true);
    expect(redacted).toContain(secrets.get(key));
  });

  it('is another one for each gateway', async () => {
    const { deviceOf } = computer();
    const ids = await Promise.all(['g1', 'g2'].map(async (gateway) => (await deviceOf(gateway).identity()).deviceId));
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['', 'not a key', Buffer.from('also not').toString('base64')])(
    'is made anew in the place of %j',
    async (bad) => {
      const { secrets, deviceOf } = computer({ [key]: bad });
      await deviceOf('g1').identity();
      expect(secrets.get(key)).not.toBe(bad);
    },
  );

  it('is read again after the secrets could not be opened', async () => {
    const { secrets, deviceOf } = computer();
    const { deviceId } = await deviceOf('g1').identity();
    let isLocked = true;
    const device = new KeptDevice('g1', {
      secrets: {
        get: async (name) => (isLocked ? Promise.reject(new Error('locked')) : secrets.get(name)),
        set: async () => {},
        delete: async () => {},
      },
      log: nullLogger,
      onSecret: () => {},
    });
    await expect(device.identity()).rejects.toThrow('locked');
    isLocked = false;
    expect((await device.identity()).deviceId).toBe(deviceId);
  });
});

describe('the token of a device', () => {
  const owner = { clientId: 'gateway-client', deviceId: 'd', role: 'operator' };

  it('is kept for that device and role alone, and told to nobody', async () => {
    const { redacted, deviceOf } = computer();
    const { tokens } = deviceOf('g1');
    await tokens.store({ ...owner, token: 's3cret', scopes: ['operator.read'] });
    expect(await tokens.load(owner)).toEqual({ token: 's3cret', scopes: ['operator.read'] });
    expect(await tokens.load({ ...owner, deviceId: 'other' })).toBeNull();
    expect(await tokens.load({ ...owner, role: 'node' })).toBeNull();
    expect(redacted).toContain('s3cret');
    await tokens.clear(owner);
    expect(await tokens.load(owner)).toBeNull();
  });

  it('that cannot be forgotten is no failure', async () => {
    const device = new KeptDevice('g1', {
      secrets: {
        get: async () => undefined,
        set: async () => {},
        delete: async () => Promise.reject(new Error('the disk is read-only')),
      },
      log: nullLogger,
      onSecret: () => {},
    });
    await expect(device.tokens.clear(owner)).resolves.toBeUndefined();
  });

  it.each(['', '{', '{"token":""}', '[]'])('is absent where %j is kept', async (text) => {
    expect(
      await computer({ [token]: text })
        .deviceOf('g1')
        .tokens.load(owner),
    ).toBeNull();
  });
});
