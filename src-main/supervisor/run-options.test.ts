import { describe, expect, it } from 'vitest';

import { interpretGatewayConfig } from '../config/gateway-config.ts';
import type { SecretStore } from '../platform/ports.ts';
import { resolveRunOptions } from './run-options.ts';

const STORED = 'the-token-that-was-stored-before';

const secrets: SecretStore = {
  get: () => Promise.resolve(STORED),
  set: () => Promise.reject(new Error('there is one already')),
  delete: () => Promise.resolve(),
};

async function authOf(auth: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv) {
  const loaded = interpretGatewayConfig({ gateway: { auth } }, { file: 'gateway.json5', text: '{}' });
  const places = { home: '/nowhere', configFile: 'gateway.json5', version: '1.2.3', controlUiRoot: '/nowhere' };
  const { auth: resolved } = await resolveRunOptions({ loaded, secrets, env, ...places, overrides: {} });
  return resolved;
}

const token = (value: string) => ({ OPENCLAW_GATEWAY_TOKEN: value });
const password = (value: string) => ({ OPENCLAW_GATEWAY_PASSWORD: value });

describe('the secret of a gateway', () => {
  it.each([
    ['the file before the environment', { token: 'of-the-file' }, token('of-env'), 'token', 'of-the-file'],
    ['the environment before the store', {}, token('of-env'), 'token', 'of-env'],
    ['the store last', {}, {}, 'token', STORED],
    ['a password of the environment, where no token is', {}, password('of-env'), 'password', 'of-env'],
    ['what the file says of the mode', { mode: 'password' }, { ...token('t'), ...password('p') }, 'password', 'p'],
    ['a secret of the environment without the spaces around it', {}, token(' of-env\n'), 'token', 'of-env'],
    ['nothing that is empty', {}, { ...token(''), ...password('of-env') }, 'password', 'of-env'],
    ['nothing of spaces alone', {}, token(' '.repeat(20)), 'token', STORED],
  ])('is %s', async (_words, auth, env, mode, secret) => {
    expect(await authOf(auth, env)).toEqual({ mode, [mode]: secret });
  });

  it('is refused where the environment gives both kinds and nothing says which', async () => {
    await expect(authOf({}, { ...token('t'), ...password('p') })).rejects.toMatchObject({
      info: { code: 'gateway/two-secrets' },
    });
  });

  it.each(['lan', 'tailnet', 'custom'] as const)(
    'is not made up for a gateway that others can reach: %s',
    async (bind) => {
      const none: SecretStore = { ...secrets, get: () => Promise.resolve(undefined) };
      const loaded = interpretGatewayConfig({}, { file: 'gateway.json5', text: '{}' });
      const places = { home: '/nowhere', configFile: 'gateway.json5', version: '1.2.3', controlUiRoot: '/nowhere' };
      const start = (secretsOf: SecretStore) =>
        resolveRunOptions({ loaded, secrets: secretsOf, env: {}, ...places, overrides: { bind, host: '127.0.0.2' } });
      await expect(start(none)).rejects.toMatchObject({
        info: { code: 'gateway/bind-needs-secret', params: { bind } },
      });
      expect(await start(secrets)).toMatchObject({ auth: { mode: 'token', token: STORED } });
    },
  );

  it('is missed where a password is asked for and none is given', async () => {
    await expect(authOf({ mode: 'password' }, password(' '))).rejects.toMatchObject({
      info: { code: 'gateway/bind-needs-secret', params: { bind: 'loopback' } },
    });
  });
});
