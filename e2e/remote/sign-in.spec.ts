import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';

const PASSPHRASE = 'correct horse battery';

/** Protects the key of the private server. */
function lock(identityFile: string, ...more: readonly string[]): void {
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', PASSPHRASE, '-f', identityFile, ...more], {
    stdio: 'ignore',
  });
}

test('a protected key: the running app asks, a terminal answers, and nobody is asked again', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  lock(sshd.identityFile);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });

  const used = await runCli(['use', 'Studio'], { home });
  expect(used).toMatchObject({ exitCode: 3 });
  expect(used.stdout).toContain('Studio asks for the passphrase of id.');
  expect(used.stdout).toContain('With: gangway answer Studio');

  const wrong = await runCli(['answer'], { home, input: 'nonsense\n' });
  expect(wrong).toMatchObject({ exitCode: 3 });
  expect(wrong.stdout).toContain('That is not its passphrase.');

  const right = await runCli(['answer', 'studio'], { home, input: `${PASSPHRASE}\n` });
  expect(right, right.stderr).toMatchObject({ exitCode: 0 });
  expect(right.stdout).toContain('Studio: connected');

  await sshd.restart();
  await runCli(['off'], { home });
  expect(await runCli(['use', 'Studio'], { home })).toMatchObject({ exitCode: 0 });

  const log = await readFile(join(home, 'logs', 'app.log'), 'utf8');
  const { stdout: status } = await runCli(['status', '--json'], { home });
  expect(`${log}${status}${app.stdout}${app.stderr}`).not.toContain(PASSPHRASE);
});
