import { expect } from '@playwright/test';

import { waitFor } from '../support/wait-for.ts';
import { Claimant } from './support/claimant.ts';
import { Echo } from './support/echo.ts';
import { test, urlOf } from './support/fixtures.ts';
import { Visitor } from './support/visitor.ts';

// What we rely on of Tailscale, each shown on the real programs; docs/tailscale.md says it in words.

const claim = (mode: string, target: string, port = 443) => [mode, '--yes', '--bg=false', `--https=${port}`, target];

test.describe('a claim in the foreground', () => {
  test('says that it is ready after the daemon has taken it, and is told with its target alone', async ({ net }) => {
    const { gw } = net;
    await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    expect(claimant.stdout).toBe(
      `Available within your tailnet:\n\n${urlOf(gw)}/\n|-- proxy http://127.0.0.1:18790\n\nPress Ctrl+C to exit.\n`,
    );
    const { Foreground } = (await gw.serveConfig()) as { Foreground: Record<string, unknown> };
    expect(Object.keys(Foreground)).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(Object.values(Foreground)).toEqual([
      {
        TCP: { 443: { HTTPS: true } },
        Web: { [`${gw.dnsName}:443`]: { Handlers: { '/': { Proxy: 'http://127.0.0.1:18790' } } } },
      },
    ]);
  });

  test('is for devices that the status names, unless it is told not to', async ({ net }) => {
    const { gw, phone } = net;
    const peersIn = async (...words: string[]): Promise<object[]> => {
      const { Peer } = JSON.parse(await gw.tailscale('status', '--json', ...words)) as { Peer: object | null };
      return Object.values(Peer ?? {}) as object[];
    };
    expect(await peersIn('--peers=false')).toEqual([]);
    expect(await peersIn()).toContainEqual(expect.objectContaining({ DNSName: `${phone.dnsName}.`, Online: true }));
  });

  test('is not in the text of the status, only in its JSON', async ({ net }) => {
    const { gw } = net;
    await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    expect(await gw.tailscale('serve', 'status')).toContain('No serve config');
    expect(claimant.isRunning).toBe(true);
  });

  for (const [signal, code] of [
    ['SIGINT', 0],
    ['SIGTERM', null],
    ['SIGKILL', null],
  ] as const) {
    test(`ends with ${signal}, and the route with it`, async ({ net }) => {
      const { gw } = net;
      await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
      claimant.kill(signal);
      expect((await claimant.ended).code).toBe(code);
      await expect.poll(() => gw.serveConfig(), { timeout: 1_000 }).toEqual({});
    });
  }

  test('ends silently and well when somebody else resets the routes', async ({ net }) => {
    const { gw } = net;
    await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    await gw.tailscale('serve', 'reset');
    expect(await claimant.ended).toMatchObject({ code: 0 });
    expect(claimant.stderr).toBe('');
  });

  test('fails when the daemon is killed, and does not come back with it', async ({ net }) => {
    const { gw } = net;
    await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    await gw.killDaemon();
    expect((await claimant.ended).code).toBe(1);
    await gw.startDaemon();
    expect(await gw.serveConfig()).toEqual({});
  });

  test('goes on while Tailscale is switched off, and reaches nobody', async ({ net }) => {
    const { gw } = net;
    await using claimant = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    await gw.tailscale('down');
    expect(JSON.parse(await gw.tailscale('status', '--json', '--peers=false'))).toMatchObject({
      BackendState: 'Stopped',
    });
    expect(claimant.isRunning).toBe(true);
    await gw.tailscale('up', '--hostname=gw', `--login-server=${net.tailnet.url}`, '--reset');
    expect(JSON.stringify(await gw.serveConfig())).toContain('18790');
  });
});

test.describe('a port that is taken', () => {
  const TAKEN = 'sending serve config: updating config: listener already exists for port 443';

  test('by another claim is refused, and the first stays', async ({ net }) => {
    const { gw } = net;
    await using first = await Claimant.ready(gw, ...claim('serve', 'http://127.0.0.1:18790'));
    await using second = new Claimant(gw, claim('serve', 'http://127.0.0.1:18791'));
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.stderr.trim()).toBe(TAKEN);
    expect(JSON.stringify(await gw.serveConfig())).not.toContain('18791');
    expect(first.isRunning).toBe(true);
  });

  test('by a route in the background is refused too, and by two at once one is', async ({ net }) => {
    const { gw } = net;
    await gw.tailscale('serve', '--yes', '--bg', '--https=443', 'http://127.0.0.1:18789');
    await using refused = new Claimant(gw, claim('serve', 'http://127.0.0.1:18790'));
    expect(await refused.ended).toMatchObject({ code: 1 });
    expect(refused.stderr.trim()).toBe(TAKEN);
    await gw.tailscale('serve', '--yes', '--https=443', 'off');

    await using one = new Claimant(gw, claim('serve', 'http://127.0.0.1:18791'));
    await using other = new Claimant(gw, claim('serve', 'http://127.0.0.1:18792'));
    const loser = await Promise.race([one.ended.then(() => one), other.ended.then(() => other)]);
    expect(loser.stderr).toMatch(/listener already exists for port 443|etag mismatch/);
    await waitFor(() => [one, other].find(({ stdout }) => stdout.includes('Press Ctrl+C')), { what: 'the other' });
  });
});

test.describe('what the server is told of a visitor', () => {
  test('of the tailnet: who it is, and nothing that the visitor says of that', async ({ net }) => {
    const { tailnet, gw, phone } = net;
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('serve', echo.target));
    const { LoginName, DisplayName, ProfilePicURL } = await phone.user();
    const said = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.7',
      'tailscale-user-login': 'root@example.com',
      'tailscale-funnel-request': '?1',
      'tailscale-headers-info': 'none',
    };
    await new Visitor(phone, tailnet.ca).get(`${urlOf(gw)}/a?b=c`, said);
    expect(echo.last).toEqual({
      host: gw.dnsName,
      'x-forwarded-for': phone.address,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': gw.dnsName,
      'tailscale-user-login': LoginName,
      'tailscale-user-name': DisplayName,
      'tailscale-user-profile-pic': ProfilePicURL,
      'tailscale-headers-info': 'https://tailscale.com/s/serve-headers',
    });
    expect(claimant.isRunning).toBe(true);
  });

  test('but look-alikes and X-Real-IP pass as they are', async ({ net }) => {
    const { tailnet, gw, phone } = net;
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('serve', echo.target));
    await new Visitor(phone, tailnet.ca).get(urlOf(gw), { 'x-real-ip': '203.0.113.7', 'x-forwarded-port': '1' });
    expect(echo.last).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-port': '1' });
    expect(claimant.isRunning).toBe(true);
  });

  test('that is tagged: its address, and nobody', async ({ net }) => {
    const { tailnet, gw, robot } = net;
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('serve', echo.target));
    await new Visitor(robot, tailnet.ca).get(urlOf(gw));
    expect(echo.last).toEqual({
      host: gw.dnsName,
      'x-forwarded-for': robot.address,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': gw.dnsName,
    });
    expect(JSON.parse(await gw.tailscale('whois', '--json', robot.address))).toMatchObject({
      Node: { Tags: ['tag:robot'] },
    });
    expect(claimant.isRunning).toBe(true);
  });

  test('on the computer itself: its own address, with the login of its owner', async ({ net }) => {
    const { tailnet, gw } = net;
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('serve', echo.target));
    await new Visitor(gw, tailnet.ca).get(urlOf(gw));
    expect(echo.last).toMatchObject({
      'x-forwarded-for': gw.address,
      'tailscale-user-login': (await gw.user()).LoginName,
    });
    expect(claimant.isRunning).toBe(true);
  });

  test('of the internet: its address and the marker, and no name', async ({ net }) => {
    const { tailnet, gw, phone } = net;
    await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443']);
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('funnel', echo.target));
    expect(claimant.stdout).toContain('Available on the internet:');
    const internet = new Visitor(phone, tailnet.ca, { from: '203.0.113.7:4711', peerApi: await gw.peerApi() });
    await internet.get(urlOf(gw), { 'tailscale-user-login': 'root@example.com', 'x-forwarded-for': '100.64.0.9' });
    expect(echo.last).toEqual({
      host: gw.dnsName,
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': gw.dnsName,
      'tailscale-funnel-request': '?1',
    });
    await test.step('and one of the tailnet by the same name is not marked', async () => {
      await new Visitor(phone, tailnet.ca).get(urlOf(gw));
      expect(echo.last).toMatchObject({ 'x-forwarded-for': phone.address });
      expect(echo.last).not.toHaveProperty('tailscale-funnel-request');
    });
  });

  test('another Host than the name of the certificate, as it is: who it is comes with it', async ({ net }) => {
    const { tailnet, gw, phone } = net;
    await using echo = await Echo.start();
    await using claimant = await Claimant.ready(gw, ...claim('serve', echo.target));
    await new Visitor(phone, tailnet.ca).get(urlOf(gw), { host: 'evil.example' });
    expect(echo.last).toMatchObject({
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'tailscale-user-login': (await phone.user()).LoginName,
    });
    expect(claimant.isRunning).toBe(true);
  });
});

test('whois knows addresses of the tailnet, and says plainly when it does not', async ({ net }) => {
  const { gw, phone } = net;
  const known = JSON.parse(await gw.tailscale('whois', '--json', phone.address)) as {
    UserProfile: { LoginName: string };
  };
  expect(known.UserProfile.LoginName).toBe((await phone.user()).LoginName);
  await expect(gw.tailscale('whois', '--json', '100.64.0.250')).rejects.toMatchObject({
    code: 1,
    stderr: 'peer not found\n',
  });
});

test('Funnel opens a port that no relay takes, without a word about it', async ({ net }) => {
  const { tailnet, gw } = net;
  await tailnet.allow(gw, ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443']);
  await using claimant = await Claimant.ready(gw, ...claim('funnel', 'http://127.0.0.1:18790', 9999));
  expect(claimant.stderr).toBe('');
});
