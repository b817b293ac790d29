import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli } from '../support/cli.ts';
import { prepareLaptop } from '../support/desk.ts';
import { descendants, waitUntilGone } from '../support/processes.ts';
import { startApp, tailscaleEnv, test } from './support/fixtures.ts';
import type { Computer } from './support/tailnet.ts';

type Part = 'app' | 'gateway' | 'claim';

/** How long a route of somebody who was killed may stay. */
const RELEASE_MS = 5_000;

/** Each part alone, and every order of some or all of them. */
function ordersOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  return parts.flatMap((part) => [
    [part],
    ...ordersOf(parts.filter((other) => other !== part)).map((rest) => [part, ...rest]),
  ]);
}

/** The pid of each part of an app that has opened its gateway with Serve. */
async function pidsOf(home: string, app: number): Promise<Readonly<Record<Part, number>>> {
  const gateway = (await descendants(app)).find(({ command }) => command.includes('gateway-host'))?.pid ?? 0;
  const noted = JSON.parse(await readFile(join(home, 'state', 'exposure.json'), 'utf8')) as {
    readonly claim: { readonly folder: string; readonly target: string };
  };
  const all = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const line = all.find((each) => each.includes('tailscale') && each.trim().endsWith(noted.claim.target)) ?? '';
  return { app, gateway, claim: Number(/^\s*(\d+)/.exec(line)?.[1] ?? 0) };
}

const targetsAt = async (gw: Computer): Promise<string> => JSON.stringify(await gw.serveConfig());

for (const order of ordersOf(['app', 'gateway', 'claim'])) {
  test(`kill -9 of ${order.join(', then ')}`, async ({ net: { gw }, home }) => {
    await prepareLaptop(home);
    await using app = startApp(home, gw);
    await app.waitForLine(/connected/);
    const opened = await runCli(['tailscale', 'serve'], { home, env: tailscaleEnv(gw) });
    expect(opened, opened.stdout + opened.stderr).toMatchObject({ exitCode: 0 });
    const pids = await pidsOf(home, app.pid);
    expect(Math.min(...Object.values(pids))).toBeGreaterThan(0);
    const before = await targetsAt(gw);
    const [target] = /127\.0\.0\.1:\d+/.exec(before) ?? [];

    for (const part of order) process.kill(pids[part], 'SIGKILL');

    await expect.poll(() => targetsAt(gw), { timeout: RELEASE_MS }).not.toContain(target);
    if (order.includes('app')) {
      // Nobody is left to want it open.
      await expect.poll(() => targetsAt(gw), { timeout: RELEASE_MS }).toBe('{}');
      await waitUntilGone(Object.values(pids), RELEASE_MS);
    } else {
      await expect.poll(() => targetsAt(gw), { timeout: 30_000 }).toContain('"Foreground"');
      expect(await app.stop('SIGTERM')).toBe(0);
      expect(await targetsAt(gw)).toBe('{}');
    }
  });
}
