import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { startGateway, test, urlOf } from './support/fixtures.ts';
import { asControlUi, Visitor } from './support/visitor.ts';

const TOKEN = 'the-token-of-our-gateway-0123456789';

test('Serve brings the page to the tailnet, and whoever may be let in by name is', async ({ net, home }) => {
  const { tailnet, gw, phone, robot } = net;
  const auth = {
    mode: 'token',
    token: TOKEN,
    allowTailscale: true,
    tailscaleUserIds: [String((await phone.status()).UserID)],
  };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
  await using gateway = startGateway(home, gw, '--tailscale', 'serve');
  await gateway.waitForJson((line) => line['exposure'] === 'active');
  const visitor = new Visitor(phone, tailnet.ca);

  await test.step('the page, and its socket by who it is', async () => {
    expect((await visitor.get(`${urlOf(gw)}/`)).status).toBe(200);
    expect(await visitor.open(urlOf(gw), asControlUi())).toMatchObject({ ok: true });
  });
  await test.step('HTTP and everybody else need the secret', async () => {
    expect((await visitor.get(`${urlOf(gw)}/v1/models`)).status).toBe(401);
    expect((await visitor.get(`${urlOf(gw)}/v1/models`, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    const node = {
      ...asControlUi(),
      client: { id: 'node-host', mode: 'node', version: '1', platform: 'linux' },
      role: 'node',
    };
    expect(await visitor.open(urlOf(gw), node)).toMatchObject({ ok: false });
  });
  await test.step('what a visitor says of itself is taken away by Tailscale', async () => {
    const forged = {
      'x-forwarded-for': '100.64.0.99',
      'tailscale-user-login': 'root@example.com',
      'tailscale-funnel-request': '?1',
    };
    expect(await visitor.open(urlOf(gw), asControlUi(), forged)).toMatchObject({ ok: true });
    expect((await visitor.get(`${urlOf(gw)}/v1/models`, { ...forged, authorization: 'Bearer wrong' })).status).toBe(
      401,
    );
  });
  await test.step('a tagged computer is nobody', async () => {
    const denied = await new Visitor(robot, tailnet.ca).open(urlOf(gw), asControlUi());
    expect(denied).toMatchObject({ ok: false });
    const withSecret = await new Visitor(robot, tailnet.ca).open(urlOf(gw), asControlUi({ token: TOKEN }));
    expect(withSecret).toMatchObject({ ok: true });
  });
  await test.step('a program on the computer itself is not its owner', async () => {
    expect(await new Visitor(gw, tailnet.ca).open(urlOf(gw), asControlUi())).toMatchObject({ ok: false });
  });

  expect(await gateway.stop('SIGTERM')).toBe(0);
  expect(await gw.serveConfig()).toEqual({});
  await expect(readFile(join(home, 'state', 'exposure.json'))).rejects.toThrow('ENOENT');
});

test('another user of the tailnet needs the secret', async ({ net, home }) => {
  const { tailnet, gw, phone } = net;
  await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth: { mode: 'token', token: TOKEN } } }), {
    mode: 0o600,
  });
  await using gateway = startGateway(home, gw, '--tailscale', 'serve');
  await gateway.waitForJson((line) => line['exposure'] === 'active');
  const visitor = new Visitor(phone, tailnet.ca);
  expect(await visitor.open(urlOf(gw), asControlUi())).toMatchObject({ ok: false });
  expect(await visitor.open(urlOf(gw), asControlUi({ token: TOKEN }))).toMatchObject({ ok: true });
  expect(await gateway.stop('SIGTERM')).toBe(0);
});

test.describe('after a kill, nothing is left open', () => {
  for (const what of [
    'the gateway',
    'the claim',
    'the claim, then the gateway',
    'the guard, then the gateway',
    'the guard, then the gateway, while the claim stands still',
  ] as const) {
    test(what, async ({ net, home }) => {
      const { gw } = net;
      await using gateway = startGateway(home, gw, '--tailscale', 'serve');
      await gateway.waitForJson((line) => line['exposure'] === 'active');
      const { claim } = JSON.parse(await readFile(join(home, 'state', 'exposure.json'), 'utf8')) as {
        claim: { folder: string };
      };
      const { guard, program } = guardedIn(claim.folder);
      const before = JSON.stringify(await gw.serveConfig());
      expect(before).toContain('"Foreground"');
      // It hears of nothing then, not even that it is to end.
      if (what.endsWith('stands still')) process.kill(program, 'SIGSTOP');
      if (what.startsWith('the guard')) process.kill(guard, 'SIGKILL');
      if (what.startsWith('the claim')) process.kill(program, 'SIGKILL');
      if (what === 'the claim') {
        // It is claimed again, for another listener.
        await expect
          .poll(async () => JSON.stringify(await gw.serveConfig()).replace(before, ''), { timeout: 15_000 })
          .toContain('"Foreground"');
        return;
      }
      process.kill(gateway.pid, 'SIGKILL');
      // With both gone at once, and without setpriv, nobody is left to end the claim but the next start.
      await using next = what.startsWith('the guard') ? startGateway(home, gw, '--tailscale', 'off') : undefined;
      await expect.poll(async () => JSON.stringify(await gw.serveConfig()), { timeout: 5_000 }).toBe('{}');
      await next?.stop('SIGTERM');
    });
  }
});

/** The process that ends the claim should the gateway be killed, and the program that it is for. */
function guardedIn(folder: string): { readonly guard: number; readonly program: number } {
  const all = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const line = all.find((each) => each.includes('gangway-guard') && each.trim().endsWith(folder)) ?? '';
  const [, guard, program] = /^\s*(\d+) .* gangway-guard (\d+) /.exec(line) ?? [];
  return { guard: Number(guard), program: Number(program) };
}

test('a daemon that is killed and comes back finds the route again', async ({ net, home }) => {
  const { gw } = net;
  await using gateway = startGateway(home, gw, '--tailscale', 'serve');
  await gateway.waitForJson((line) => line['exposure'] === 'active');
  await gw.killDaemon();
  await gateway.waitForJson((line) => line['exposure'] === 'waiting');
  await gw.startDaemon();
  await expect.poll(async () => JSON.stringify(await gw.serveConfig()), { timeout: 60_000 }).toContain('"Foreground"');
  expect(await gateway.stop('SIGTERM')).toBe(0);
});

test('a route of another program is left alone, and named', async ({ net, home }) => {
  const { gw } = net;
  const other = createServer((_request, response) => response.end('other'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await gw.tailscale('serve', '--yes', '--bg', '--https=443', `http://127.0.0.1:${port}`);
  const before = JSON.stringify(await gw.serveConfig());
  try {
    await using gateway = startGateway(home, gw, '--tailscale', 'serve');
    const told = await gateway.waitForJson((line) => line['exposure'] === 'failed');
    expect(told).toMatchObject({
      cause: { code: 'tailscale/port-taken', port: 443, holder: `http://127.0.0.1:${port}` },
    });
    expect(JSON.stringify(await gw.serveConfig())).toBe(before);
    expect(await gateway.stop('SIGTERM')).toBe(0);
    expect(JSON.stringify(await gw.serveConfig())).toBe(before);
  } finally {
    await gw.tailscale('serve', '--yes', '--https=443', 'off');
    other.close();
  }
});
