import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { REPOSITORY } from '../launch.ts';
import { runCli, startCli } from '../support/cli.ts';
import { Desk } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { PrivateSshd } from '../support/private-sshd.ts';

/** The ciphers that Electron has, in plain Node. */
const boringssl = pathToFileURL(join(REPOSITORY, 'e2e/electron-double/boringssl-only.ts')).href;
const env = { NODE_OPTIONS: `--import ${boringssl}` };

const words = (sshd: PrivateSshd, remotePort: number): string[] => [
  'tunnel',
  sshd.target,
  '--remote-port',
  String(remotePort),
  '--local-port',
  '0',
  '--identity',
  sshd.identityFile,
  '--known-hosts',
  sshd.knownHostsFile,
  '--json',
];

test('what Electron’s crypto lacks is not named, and not missed by a server with the usual settings', async ({
  home,
  sshd,
}) => {
  await using desk = await Desk.start();
  await using tunnel = startCli(words(sshd, desk.port), { home, env });
  const { localPort } = await tunnel.waitForJson((line) => line['status'] === 'connected');
  expect(await (await fetch(`http://127.0.0.1:${String(localPort)}/health`)).json()).toMatchObject({ ok: true });
});

test('a server with nothing but what is lacking is named, with the engine that reaches it', async ({ home, sshd }) => {
  expect(sshd.isRunning).toBe(true);
  await using desk = await Desk.start();
  await using chacha = await PrivateSshd.create(['Ciphers chacha20-poly1305@openssh.com']);
  await chacha.start();
  const refused = await runCli(words(chacha, desk.port), { home, env });
  expect(JSON.parse(refused.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    status: 'failed',
    cause: { code: 'ssh/no-common-algorithm', what: 'cipher', next: expect.stringContaining("Use the system's ssh") },
  });
  await using tunnel = startCli([...words(chacha, desk.port), '--engine', 'system-ssh'], { home, env });
  await tunnel.waitForJson((line) => line['status'] === 'connected');
});
