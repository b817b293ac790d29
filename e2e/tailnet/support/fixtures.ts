import { join } from 'node:path';

import { test as base } from '@playwright/test';

import { startCli, type RunningCli } from '../../support/cli.ts';
import { createHome } from '../../support/home.ts';
import { programs, Tailnet, type Computer } from './tailnet.ts';

interface Worker {
  /** `gw` and `phone` belong to different users; `robot` is tagged, and so nobody's. */
  readonly net: {
    readonly tailnet: Tailnet;
    readonly gw: Computer;
    readonly phone: Computer;
    readonly robot: Computer;
  };
}

export const test = base.extend<{ readonly home: string }, Worker>({
  net: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      await using tailnet = await Tailnet.start();
      const gw = await tailnet.join('gw');
      const phone = await tailnet.join('phone');
      const robot = await tailnet.join('robot', '--advertise-tags=tag:robot');
      await use({ tailnet, gw, phone, robot });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // oxlint-disable-next-line no-empty-pattern -- as above
  home: async ({}, use) => {
    const home = await createHome();
    await use(home.path);
    await home.remove();
  },
});

/** How our programs find the Tailscale of a computer of the test. */
export function tailscaleEnv({ socket }: Computer): Record<string, string> {
  return { GANGWAY_TAILSCALE: join(programs(), 'tailscale'), GANGWAY_TAILSCALE_SOCKET: socket };
}

/** A gateway of ours on that computer. */
export function startGateway(home: string, at: Computer, ...words: string[]): RunningCli {
  return startCli(['gateway', '--port', '0', '--json', ...words], { home, env: tailscaleEnv(at) });
}

/** The whole app without a window on that computer. */
export function startApp(home: string, at: Computer): RunningCli {
  return startCli(['app', '--headless'], { home, env: tailscaleEnv(at) });
}

/** Where the tailnet reaches it. */
export const urlOf = ({ dnsName }: Computer): string => `https://${dnsName}`;
