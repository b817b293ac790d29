import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, type RunningCli } from '../support/cli.ts';
import { asControlUi, Visitor } from './support/visitor.ts';
import { startApp, startGateway, tailscaleEnv, test, urlOf } from './support/fixtures.ts';

const PASSWORD = 'correct-horse-battery-staple';
const ALLOWED = ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443,8443'];

test('Funnel opens to the internet with a password alone, and only where it may', async ({ net, home }) => {
  const { tailnet, gw, phone } = net;
  await tailnet.allow(gw, ALLOWED);
  const auth = { mode: 'password', password: PASSWORD };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
  await using gateway = startGateway(home, gw, '--tailscale', 'funnel');
  await gateway.waitForJson((line) => line['exposure'] === 'active');
  expect(JSON.stringify(await gw.serveConfig())).toContain(`"AllowFunnel":{"${gw.dnsName}:443":true}`);

  const internet = new Visitor(phone, tailnet.ca, { from: '203.0.113.7:4711', peerApi: await gw.peerApi() });
  expect((await internet.get(`${urlOf(gw)}/healthz`)).status).toBe(200);
  expect((await internet.get(`${urlOf(gw)}/v1/models`)).status).toBe(401);
  expect(await internet.open(urlOf(gw), asControlUi())).toMatchObject({ ok: false });
  expect(await internet.open(urlOf(gw), asControlUi({ password: PASSWORD }))).toMatchObject({ ok: true });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await internet.get(`${urlOf(gw)}/v1/models`, { authorization: 'Bearer wrong' });
  }
  expect((await internet.get(`${urlOf(gw)}/v1/models`, { authorization: `Bearer ${PASSWORD}` })).status).toBe(429);
  const elsewhere = new Visitor(phone, tailnet.ca, { from: '198.51.100.3:99', peerApi: await gw.peerApi() });
  expect((await elsewhere.get(`${urlOf(gw)}/v1/models`, { authorization: `Bearer ${PASSWORD}` })).status).toBe(200);
  expect(await gateway.stop('SIGTERM')).toBe(0);
  expect(await gw.serveConfig()).toEqual({});
});

test('Funnel is refused without a strong password, and where the tailnet does not allow it', async ({ net, home }) => {
  const { tailnet, gw } = net;
  const refused = async (auth: object, ...words: string[]): Promise<unknown> => {
    await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
    await using gateway = startGateway(home, gw, '--tailscale', 'funnel', ...words);
    const { cause } = await gateway.waitForJson((line) => line['exposure'] === 'failed');
    expect(await gw.serveConfig()).toEqual({});
    expect(await gateway.stop('SIGTERM')).toBe(0);
    return (cause as { code: string }).code;
  };
  await tailnet.allow(gw, ALLOWED);
  expect(await refused({ mode: 'token', token: 'the-token-of-our-gateway-0123456789' })).toBe(
    'tailscale/needs-password',
  );
  expect(await refused({ mode: 'password', password: 'changeme-changeme' })).toBe('tailscale/needs-password');
  const auth = { mode: 'password', password: PASSWORD };
  await tailnet.allow(gw, ['https']);
  expect(await refused(auth)).toBe('tailscale/no-funnel');
  await tailnet.allow(gw, ['funnel']);
  expect(await refused(auth)).toBe('tailscale/no-https');
  await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=8443']);
  expect(await refused(auth)).toBe('tailscale/funnel-port');
  await tailnet.allow(gw, ALLOWED);
});

test('a Funnel that the tailnet no longer allows is not called open', async ({ net, home }) => {
  const { tailnet, gw } = net;
  await tailnet.allow(gw, ALLOWED);
  const auth = { mode: 'password', password: PASSWORD };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
  await using gateway = startGateway(home, gw, '--tailscale', 'funnel');
  await gateway.waitForJson((line) => line['exposure'] === 'active');
  await tailnet.allow(gw, ['https']);
  const { cause } = await gateway.waitForJson((line) => line['exposure'] === 'failed');
  expect(cause).toMatchObject({ code: 'tailscale/no-funnel' });
  expect(await gw.serveConfig()).toEqual({});
  await tailnet.allow(gw, ALLOWED);
});

test('the running app opens, shows and closes it by its own words', async ({ net, home }) => {
  const { tailnet, gw } = net;
  await tailnet.allow(gw, ALLOWED);
  await using app = startApp(home, gw);
  await app.waitForLine(/connected/);
  const tailscale = (...words: string[]) => runCli(['tailscale', ...words, '--json'], { home, env: tailscaleEnv(gw) });
  const served = await tailscale('serve');
  expect(served, served.stdout + served.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(served.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    status: 'open',
    exposure: { state: { status: 'active', mode: 'serve', url: urlOf(gw) } },
  });
  const refused = await tailscale('funnel', '--for', '30m');
  expect(refused.exitCode).not.toBe(0);
  expect(JSON.stringify(await gw.serveConfig())).toContain('"Foreground"');
  const closed = await tailscale('off');
  expect(closed).toMatchObject({ exitCode: 0 });
  expect(await gw.serveConfig()).toEqual({});
  expect(await app.stop('SIGTERM')).toBe(0);
});

test('a Funnel is not opened again when its time has passed, though the clock was set back meanwhile', async ({
  net,
  home,
}) => {
  const { tailnet, gw } = net;
  await tailnet.allow(gw, ALLOWED);
  const auth = { mode: 'password', password: PASSWORD };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
  const memory = join(home, 'state', 'exposure.json');
  const within = { home, env: tailscaleEnv(gw) };
  let text: string;
  {
    await using app = startApp(home, gw);
    await app.waitForLine(/connected/);
    expect(await runCli(['tailscale', 'funnel', '--for', '15m'], within)).toMatchObject({ exitCode: 0 });
    text = await readFile(memory, 'utf8');
    expect(await app.stop('SIGTERM')).toBe(0);
  }
  // As a crash would have left it 14 minutes after the opening, and the clock set back by an hour right then.
  const left = JSON.parse(text) as {
    readonly wish: { untilMs: number };
    readonly closing: { untilMs: number; readonly at: { wallMs: number; upMs: number } };
  };
  const [hour, passed] = [3_600_000, 14 * 60_000];
  left.wish.untilMs += hour;
  left.closing.untilMs += hour;
  left.closing.at.wallMs += hour - passed;
  left.closing.at.upMs -= passed;
  await using app = await startWith(JSON.stringify(left));
  const shown = async () => (JSON.parse((await runCli(['tailscale', '--json'], within)).stdout) as Shown).exposure;
  await expect.poll(async () => (await shown()).state).toMatchObject({ status: 'active', mode: 'funnel' });
  const { wish } = await shown();
  expect((wish.untilMs ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
  expect(await app.stop('SIGTERM')).toBe(0);

  left.closing.at.upMs -= 2 * 60_000;
  await using later = await startWith(JSON.stringify(left));
  await expect.poll(shown).toMatchObject({ state: { status: 'off' }, ended: 'clock-back' });
  expect(await gw.serveConfig()).toEqual({});
  expect((await runCli(['events'], within)).stdout).toContain('Funnel was not opened again');
  expect(await later.stop('SIGTERM')).toBe(0);

  async function startWith(noted: string): Promise<RunningCli> {
    await writeFile(memory, noted, { mode: 0o600 });
    const started = startApp(home, gw);
    await started.waitForLine(/connected/);
    return started;
  }
});

interface Shown {
  readonly exposure: { readonly wish: { readonly untilMs?: number }; readonly state: object; readonly ended?: string };
}
