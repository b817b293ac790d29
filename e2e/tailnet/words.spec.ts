import { request } from 'node:http';

import { expect } from '@playwright/test';

import { readText } from './fake/read-json.ts';
import { Claimant } from './support/claimant.ts';
import { Echo } from './support/echo.ts';
import { test } from './support/fixtures.ts';
import { connectBySocks } from './support/socks.ts';
import type { Computer } from './support/tailnet.ts';

// What the program and the daemon say, word by word, on the fake and on the real ones.

async function run(at: Computer, ...words: string[]) {
  await using claimant = new Claimant(at, words);
  const { code } = await claimant.ended;
  return { code, stdout: claimant.stdout, stderr: claimant.stderr };
}

test.afterEach(async ({ net }) => {
  await net.gw.tailscale('serve', 'reset');
});

test('an unknown flag, and one said twice, end with 2; words after the target with 1', async ({ net: { gw } }) => {
  expect(await run(gw, 'serve', '--nonsense', '3000')).toMatchObject({ code: 2 });
  expect(await run(gw, 'serve', '--https=443', '--https=444', '3000')).toMatchObject({ code: 2 });
  expect(await run(gw, 'serve', '3000', '--bg')).toMatchObject({ code: 1 });
  expect(await run(gw, 'serve')).toMatchObject({ code: 0 });
});

test('a route in the background neither replaces one in the foreground nor changes what a port serves', async ({
  net: { gw },
}) => {
  await using first = await Claimant.ready(gw, 'serve', '--yes', '--bg=false', '--https=443', '18790');
  const over = await run(gw, 'serve', '--yes', '--bg', '--https=443', '18791');
  expect(over).toMatchObject({ code: 1 });
  expect(over.stderr.trim()).toBe(
    'sending serve config: updating config: foreground listener already exists for port 443',
  );
  expect(first.isRunning).toBe(true);
  await gw.tailscale('serve', '--yes', '--bg', '--http=8080', '18791');
  const other = await run(gw, 'serve', '--yes', '--bg', '--https=8080', '18791');
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('port 8080 is already serving');
});

test('a route in the background is told, and taken away by its port', async ({ net: { gw } }) => {
  const { stdout, code } = await run(gw, 'serve', '--yes', '--bg', '--https=8443', '18790');
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Available within your tailnet:\n\nhttps://${gw.dnsName}:8443/\n|-- proxy http://127.0.0.1:18790\n\n` +
      'Serve started and running in the background.\nTo disable the proxy, run: tailscale serve --https=8443 off\n',
  );
  expect(await gw.serveConfig()).toEqual({
    TCP: { 8443: { HTTPS: true } },
    Web: { [`${gw.dnsName}:8443`]: { Handlers: { '/': { Proxy: 'http://127.0.0.1:18790' } } } },
  });
  await gw.tailscale('serve', '--yes', '--https=8443', 'off');
  expect(await gw.serveConfig()).toEqual({});
  const again = await run(gw, 'serve', '--yes', '--https=8443', 'off');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('error: failed to remove web serve: handler does not exist');
});

test('Funnel with shields up is refused', async ({ net: { tailnet, gw } }) => {
  await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443']);
  await gw.tailscale('set', '--shields-up');
  try {
    const refused = await run(gw, 'funnel', '--yes', '--bg=false', '--https=443', '18790');
    expect(refused.code).toBe(1);
    expect(refused.stderr.trim()).toBe(
      'sending serve config: updating config: Unable to turn on Funnel while shields-up is enabled',
    );
  } finally {
    await gw.tailscale('set', '--shields-up=false');
  }
});

test('Funnel looks at port 443 alone', async ({ net: { tailnet, gw } }) => {
  await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=8443']);
  const refused = await run(gw, 'funnel', '--yes', '--bg=false', '--https=8443', '18790');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr.trim()).toBe('port 443 is not allowed for funnel; allowed ports are: 8443');
  await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443']);
});

test('switched off, a claim says so', async ({ net: { tailnet, gw } }) => {
  await gw.tailscale('down');
  try {
    const refused = await run(gw, 'serve', '--yes', '--bg=false', '--https=443', '18790');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr.trim()).toBe('Tailscale is stopped.');
  } finally {
    await gw.tailscale('up', '--hostname=gw', `--login-server=${tailnet.url}`, '--reset');
  }
});

test('without TLS a visitor is named too, and no protocol', async ({ net: { gw, phone } }) => {
  await using echo = await Echo.start();
  await using claimant = await Claimant.ready(gw, 'serve', '--yes', '--bg=false', '--http=80', echo.target);
  expect(claimant.stdout).toContain(`http://${gw.dnsName}/\n`);
  expect(await getPlain(phone, gw.dnsName, gw.dnsName)).toBe(200);
  expect(echo.last).toMatchObject({
    'x-forwarded-for': phone.address,
    'tailscale-user-login': (await phone.user()).LoginName,
  });
  expect(echo.last).not.toHaveProperty('x-forwarded-proto');
  await test.step('its short name will do, its address will not', async () => {
    expect(await getPlain(phone, gw.dnsName, gw.name)).toBe(200);
    expect(await getPlain(phone, gw.dnsName, gw.address)).toBe(404);
  });
});

test('the daemon answers its socket to programs alone, and refuses what another has changed', async ({
  net: { gw },
}) => {
  expect((await ask(gw, 'GET', 'status?peers=false')).status).toBe(200);
  expect(await ask(gw, 'GET', 'status', { Origin: 'http://evil.example' })).toMatchObject({ status: 403 });
  expect(await ask(gw, 'GET', 'status', { Host: 'evil.example' })).toMatchObject({ status: 403 });
  expect(await ask(gw, 'GET', 'whois?addr=100.64.0.250')).toMatchObject({ status: 404 });
  expect(await ask(gw, 'GET', 'whois?addr=nobody')).toMatchObject({ status: 400 });
  expect(await ask(gw, 'POST', 'serve-config', { 'If-Match': 'ab' }, '{}')).toMatchObject({ status: 412 });
  expect(await ask(gw, 'GET', 'serve-config')).toMatchObject({
    status: 200,
    etag: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('a program that is stopped keeps its route, and goes on with it', async ({ net: { gw } }) => {
  await using claimant = await Claimant.ready(gw, 'serve', '--yes', '--bg=false', '--https=443', '18790');
  claimant.kill('SIGSTOP');
  for (let told = 0; told < 200; told += 1) {
    const change = { ShieldsUp: told % 2 === 0, ShieldsUpSet: true };
    expect(await ask(gw, 'PATCH', 'prefs', {}, JSON.stringify(change))).toMatchObject({ status: 200 });
  }
  expect(JSON.stringify(await gw.serveConfig())).toContain('"http://127.0.0.1:18790"');
  claimant.kill('SIGCONT');
  claimant.kill('SIGINT');
  expect(await claimant.ended).toMatchObject({ code: 0 });
  await expect.poll(() => gw.serveConfig()).toEqual({});
});

async function getPlain(from: Computer, at: string, host: string): Promise<number | undefined> {
  const socket = await connectBySocks(from.socksPort, at, 80);
  return new Promise((resolve, reject) => {
    request({ createConnection: () => socket, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
      response.once('end', () => socket.destroy());
    })
      .once('error', reject)
      .end();
  });
}

async function ask(at: Computer, method: string, path: string, headers = {}, body = '') {
  return new Promise<{ status: number | undefined; etag: string | undefined; text: string }>((resolve, reject) => {
    const options = { socketPath: at.socket, method, path: `/localapi/v0/${path}`, agent: false };
    request({ ...options, headers: { Host: 'local-tailscaled.sock', ...headers } }, (response) => {
      const { statusCode: status, headers: told } = response;
      void readText(response).then((text) => resolve({ status, etag: told.etag, text }), reject);
    })
      .once('error', reject)
      .end(body);
  });
}
