import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { test } from '../support/fixtures.ts';
import { Openclaw } from './support/openclaw.ts';

const TOKEN = 'the-token-of-our-gateway-0123456789';

test('the real command line and ours reach our gateway by its pinned certificate, and by no other', async ({
  home,
}) => {
  test.setTimeout(180_000);
  const config = { gateway: { auth: { mode: 'token', token: TOKEN }, tls: { enabled: true } } };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify(config), { mode: 0o600 });
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port, fingerprint } = (await gateway.waitForJson()) as {
    readonly port: number;
    readonly fingerprint: string;
  };
  const url = `wss://127.0.0.1:${port}`;
  const wrong = fingerprint.replace(/^../, (first) => (first === 'AB' ? 'CD' : 'AB'));

  await test.step('the real command line', async () => {
    for (const [tlsFingerprint, code] of [
      [fingerprint, 0],
      [wrong, 1],
    ] as const) {
      const openclaw = new Openclaw('remote', { url, token: TOKEN, tlsFingerprint });
      const result = await openclaw.run(['health', '--json']);
      openclaw.close();
      expect(result.code, result.text).toBe(code);
    }
  });
  await test.step('ours', async () => {
    const health = (...words: string[]) =>
      runCli(['health', '--url', url, '--json', ...words], { home, env: { OPENCLAW_GATEWAY_TOKEN: TOKEN } });
    expect((await health('--tls-fingerprint', fingerprint)).exitCode).toBe(0);
    expect((await health('--tls-fingerprint', wrong)).stdout).toContain('shows another certificate');
    expect((await health()).stdout).toContain(fingerprint);
  });
  expect(await gateway.stop('SIGTERM')).toBe(0);
});
