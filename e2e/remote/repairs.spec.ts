import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';

/** The command that `status` names for the fault of a gateway. */
async function namedRepair(home: string, name: string): Promise<string[]> {
  const { stdout } = await runCli(['status', '--json'], { home });
  const { gateways } = JSON.parse(stdout) as {
    gateways: { name: string; state: { cause?: { fix?: string } } }[];
  };
  const fix = gateways.find((gateway) => gateway.name === name)?.state.cause?.fix ?? '';
  expect(fix).toMatch(/^gangway /);
  return fix.split(' ').slice(1);
}

test('each fault names the command that mends it, and the command does', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  await writeFile(sshd.knownHostsFile, '');
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli(words, { home });

  await test.step('an unknown host key is trusted by its fingerprint', async () => {
    expect((await runCli(['use', 'Studio'], { home })).exitCode).toBe(3);
    const other = ['gateways', 'trust', 'Studio', '--fingerprint', `SHA256:${'A'.repeat(43)}`];
    expect((await runCli(other, { home })).stderr).toContain('different key');
    const trusted = await runCli(await namedRepair(home, 'Studio'), { home });
    expect(trusted.stdout).toContain('asks for a token');
  });

  await test.step('a missing token is given', async () => {
    const repair = await namedRepair(home, 'Studio');
    const given = await runCli(repair, { home, input: await desk.token() });
    expect(given, given.stderr).toMatchObject({ exitCode: 0 });
    expect(given.stdout).toContain('Studio: connected');
  });
});

test('a port that a gateway holds: attach to it, or move away', async ({ home }) => {
  await using other = await Desk.start();
  await writeFile(join(home, 'settings.json'), JSON.stringify({ version: 1, local: { port: other.port } }));
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/A gateway already listens/);

  const attached = await runCli(await namedRepair(home, 'This computer'), { home });
  // It is another gateway, so it has another token: that is asked for next.
  expect(attached.stdout).toContain('asks for a token');
  const token = await namedRepair(home, 'This computer');
  const given = await runCli(token, { home, input: await other.token() });
  expect(given.stdout).toContain(`This computer: attached at http://127.0.0.1:${other.port}`);

  const port = await freePort();
  const moved = await runCli(['gateways', 'move', 'local', '--port', String(port)], { home });
  expect(moved.stdout).toContain(`This computer: connected at http://127.0.0.1:${port}`);
  expect(await (await fetch(`http://127.0.0.1:${other.port}/health`)).json()).toMatchObject({ ok: true });
});

test('a broken gateway configuration stops that gateway alone', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home);
  await writeFile(join(home, 'gateway.json5'), '{ gateway: { auth: { token: "unfinished } }\n');
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/configuration could not be read/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });
  expect(await runCli(['use', 'Studio'], { home })).toMatchObject({ exitCode: 0 });
});
