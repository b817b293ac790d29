import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli, type CliOptions } from '../support/cli.ts';
import { test } from '../support/fixtures.ts';
import { PrivateNetwork, whyNoNetwork } from '../support/private-network.ts';

const PORT = 18_789;
const TOKEN = 'a-token-that-is-long-enough';
/** Makes the interface one of Tailscale, as the gateway sees it. */
const MARK = 'fd7a:115c:a1e0::1/128';

const problem = whyNoNetwork();
if (problem !== undefined) console.warn(problem);
test.skip(problem !== undefined, problem);

test.describe('a gateway on the tailnet address', () => {
  test('listens there only, moves with it, and the app and the command line follow', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const address = (change: 'add' | 'del', ...addresses: readonly string[]): void => {
      for (const each of addresses) expect(network.run('ip', 'address', change, each, 'dev', 'lo').exitCode).toBe(0);
    };
    const listening = (): string[] =>
      network
        .run('ss', '-Hltn')
        .stdout.split('\n')
        .flatMap((line) => line.trim().split(/\s+/)[3] ?? []);
    configure(home);
    address('add', '100.100.1.1/32', MARK);
    const within: CliOptions = { home, through: network.through };
    await using app = startCli(['app', '--headless'], within);
    await expect.poll(() => runCli(['use', 'local'], within).then(({ exitCode }) => exitCode)).toBe(0);
    const health = async (): Promise<unknown> => {
      const { exitCode, stdout } = await runCli(['health', '--json'], within);
      return exitCode === 0 ? (JSON.parse(stdout) as { url: string }).url : exitCode;
    };
    await expect.poll(health, { timeout: 15_000 }).toBe(`ws://100.100.1.1:${PORT}`);
    expect(listening()).toEqual([`100.100.1.1:${PORT}`]);

    // From another network of this computer, and from the tailnet address itself.
    const ask = (from: string): number | null =>
      network.run('curl', '-s', '-m', '5', '--interface', from, `http://100.100.1.1:${PORT}/health`).exitCode;
    expect([ask('127.0.0.1') === 0, ask('100.100.1.1') === 0]).toEqual([false, true]);

    address('del', '100.100.1.1/32', MARK);
    await expect.poll(listening, { timeout: 10_000 }).toEqual([]);
    const status = (): Promise<string> => runCli(['status'], within).then(({ stdout }) => stdout);
    await expect.poll(status).toContain('waiting. The gateway waits for a tailnet address');

    address('add', '100.100.1.2/32', MARK);
    await expect.poll(health, { timeout: 15_000 }).toBe(`ws://100.100.1.2:${PORT}`);
    expect(listening()).toEqual([`100.100.1.2:${PORT}`]);
    expect(await app.stop()).toBe(0);
    expect(listening()).toEqual([]);
  });

  test('is found by the command line without the app', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const within: CliOptions = { home, through: network.through };
    for (const each of ['100.100.1.1/32', MARK]) network.run('ip', 'address', 'add', each, 'dev', 'lo');
    configure(home, { tls: { enabled: true } });
    await using gateway = startCli(['gateway', '--json'], within);
    const { url, fingerprint } = await gateway.waitForJson();
    expect([url, typeof fingerprint]).toEqual([`https://100.100.1.1:${PORT}`, 'string']);
    const { stdout } = await runCli(['health', '--json'], within);
    expect(JSON.parse(stdout)).toMatchObject({ healthy: true, url: `wss://100.100.1.1:${PORT}` });
    expect(await gateway.stop()).toBe(0);
    expect(await runCli(['health'], within)).toMatchObject({ exitCode: 2 });
  });

  test('waits for an address where there is none at the start, and listens nowhere until then', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const within: CliOptions = { home, through: network.through };
    const listening = (): string => network.run('ss', '-Hltn').stdout;
    configure(home);
    await using app = startCli(['app', '--headless'], within);
    const status = (): Promise<string> => runCli(['status'], within).then(({ stdout }) => stdout);
    const used = (): Promise<string> => runCli(['use', 'local'], within).then(status);
    await expect.poll(used, { timeout: 15_000 }).toContain('waiting. The gateway waits for a tailnet address');
    expect((await runCli(['tailscale'], within)).stdout).toContain('Nobody can reach this gateway now.');
    expect([await status(), listening()]).toEqual([expect.stringContaining('waiting.'), '']);
    for (const each of ['100.100.1.1/32', MARK]) network.run('ip', 'address', 'add', each, 'dev', 'lo');
    await expect.poll(status, { timeout: 15_000 }).toContain(`100.100.1.1:${PORT}`);
    expect((await runCli(['health', '--json'], within)).stdout).toContain(`ws://100.100.1.1:${PORT}`);
    expect(await app.stop()).toBe(0);
  });

  test('says in a terminal that it waits, and where it listens then', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const within: CliOptions = { home, through: network.through, env: { OPENCLAW_GATEWAY_TOKEN: TOKEN } };
    await using gateway = startCli(['gateway', '--bind', 'tailnet', '--port', '0', '--json'], within);
    expect(await gateway.waitForJson()).toMatchObject({
      status: 'waiting',
      cause: { code: 'gateway/no-tailnet-address' },
    });
    for (const each of ['100.100.1.1/32', MARK]) network.run('ip', 'address', 'add', each, 'dev', 'lo');
    const { url, port } = await gateway.waitForJson((line) => line['status'] === 'listening');
    expect([url, Number(port) > 0]).toEqual([`http://100.100.1.1:${String(port)}`, true]);
    expect(network.run('curl', '-s', '-m', '5', '--interface', '100.100.1.1', `${String(url)}/health`).exitCode).toBe(
      0,
    );
    expect(await gateway.stop()).toBe(0);
  });

  test('says that its port is taken when the address comes, and listens once it is free', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const within: CliOptions = { home, through: network.through };
    configure(home);
    const env = { OPENCLAW_GATEWAY_TOKEN: TOKEN };
    const other: CliOptions = { home: join(home, 'other'), through: network.through, env };
    await using holder = startCli(['gateway', '--bind', 'lan', '--port', String(PORT), '--json'], other);
    await holder.waitForJson();
    await using gateway = startCli(['gateway', '--json'], within);
    await gateway.waitForJson((line) => line['status'] === 'waiting');
    for (const each of ['100.100.1.1/32', MARK]) network.run('ip', 'address', 'add', each, 'dev', 'lo');
    const isTaken = ({ cause }: Record<string, unknown>): boolean =>
      (cause as { readonly code?: string } | undefined)?.code === 'gateway/port-taken';
    expect(await gateway.waitForJson(isTaken)).toMatchObject({ status: 'waiting', cause: { port: PORT } });
    expect(await holder.stop()).toBe(0);
    expect(await gateway.waitForJson((line) => line['status'] === 'listening')).toMatchObject({
      url: `http://100.100.1.1:${PORT}`,
    });
    expect(await gateway.stop()).toBe(0);
  });

  test('is refused at once where an address would not help', async ({ home }) => {
    await using network = await PrivateNetwork.create();
    const within: CliOptions = { home, through: network.through };
    const open = await runCli(['gateway', '--bind', 'tailnet', '--auth', 'none'], within);
    expect([open.exitCode, open.stderr]).toEqual([78, expect.stringContaining('without a token or password')]);
  });
});

function configure(home: string, more: object = {}): void {
  mkdirSync(home, { recursive: true });
  const auth = { mode: 'token', token: TOKEN };
  writeFileSync(
    join(home, 'gateway.json5'),
    JSON.stringify({ gateway: { port: PORT, bind: 'tailnet', auth, ...more } }),
  );
}
