import { test as base } from '@playwright/test';

import { createHome } from './home.ts';
import { PrivateSshd, whyNoSshd } from './private-sshd.ts';

interface Fixtures {
  /** Path of an empty GANGWAY_HOME, removed afterwards. */
  readonly home: string;
  /** A running private sshd, gone afterwards. The test is skipped, with the reason, where there is no sshd. */
  readonly sshd: PrivateSshd;
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
  home: async ({}, use) => {
    const home = await createHome();
    await use(home.path);
    await home.remove();
  },
  // oxlint-disable-next-line no-empty-pattern -- as above
  sshd: async ({}, use, testInfo) => {
    const problem = whyNoSshd();
    testInfo.skip(problem !== undefined, problem);
    await using sshd = await PrivateSshd.create();
    await sshd.start();
    await use(sshd);
    await testInfo.attach('sshd.log', { body: sshd.logs, contentType: 'text/plain' });
  },
});
