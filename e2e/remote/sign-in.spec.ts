import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { CodeServer } from '../support/code-server.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { OnTerminal, whyNoTerminal } from '../support/on-terminal.ts';

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

test('a connection test on a terminal asks too, and tells each step once', async ({ home, sshd }) => {
  test.skip(whyNoTerminal() !== undefined, whyNoTerminal());
  await using desk = await Desk.start();
  lock(sshd.identityFile);
  const words = ['test', sshd.target, '--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile];
  await using terminal = new OnTerminal([...words, '--remote-port', String(desk.port)], { home });
  await terminal.waitForText('Passphrase: ');
  terminal.type('nonsense\n');
  await terminal.waitForText('Passphrase: ', 2);
  terminal.type(`${PASSPHRASE}\n`);
  expect(await terminal.ended).toBe(0);
  expect(terminal.shown.match(/✓ \w+/g)).toEqual([
    '✓ DNS',
    '✓ TCP',
    '✓ Host',
    '✓ Sign',
    '✓ Forward',
    '✓ Gateway',
    '✓ Protocol',
  ]);
  expect(terminal.shown).not.toContain(PASSPHRASE);
  expect(terminal.shown).not.toContain('✗');
});

test('a tunnel in the foreground asks on its terminal, and shows nothing of the answer', async ({ home, sshd }) => {
  test.skip(whyNoTerminal() !== undefined, whyNoTerminal());
  await using desk = await Desk.start();
  lock(sshd.identityFile);
  const local = await freePort();
  const words = ['tunnel', sshd.target, '--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile];
  await using tunnel = new OnTerminal([...words, '--local-port', String(local), '--remote-port', String(desk.port)], {
    home,
  });
  await tunnel.waitForText('Passphrase: ');
  tunnel.type('nonsense\r');
  await tunnel.waitForText('That is not its passphrase.');
  await tunnel.waitForText('Passphrase: ', 2);
  tunnel.type(`${PASSPHRASE}\r`);
  await tunnel.waitForText(`127.0.0.1:${local} now reaches`);
  await waitForHealth(local);
  expect(tunnel.shown).not.toContain('nonsense');
  expect(tunnel.shown).not.toContain(PASSPHRASE);

  tunnel.type('\u0003');
  expect(await tunnel.ended).toBe(0);
});

test('a tunnel that nobody watches says what it would need', async ({ home, sshd }) => {
  lock(sshd.identityFile);
  const words = ['tunnel', sshd.target, '--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile];
  const { exitCode, stdout } = await runCli([...words, '--local-port', '0', '--json'], { home });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { status: 'connecting' },
    { status: 'asks', question: { kind: 'passphrase', key: 'id', wrong: false } },
    { status: 'stopping' },
    { status: 'stopped' },
    { status: 'failed', cause: { code: 'ssh/answer-needed' } },
  ]);
  expect(exitCode).toBe(3);
});

test('an answer is typed on a terminal, kept when that is wished for, and forgotten again', async ({ home, sshd }) => {
  test.skip(whyNoTerminal() !== undefined, whyNoTerminal());
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  lock(sshd.identityFile);
  const kept = () => readdir(join(home, 'secrets')).then((names) => names.filter((name) => name.endsWith('.sign-in')));
  {
    await using app = startCli(['app', '--headless'], { home });
    await app.waitForLine(/Switched off/);
    const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
    await runCli([...words, '--token-file', desk.tokenFile], { home });
    await runCli(['use', 'Studio'], { home });
    await using typing = new OnTerminal(['answer', '--remember'], { home });
    await typing.waitForText('Passphrase: ');
    expect(await kept()).toEqual([]);
    typing.type(`${PASSPHRASE}\r`);
    await typing.waitForText('Studio: connected');
    expect(await typing.ended).toBe(0);
    expect(await kept()).toHaveLength(1);
  }
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Studio: connected/);
  expect(app.stdout).not.toContain('asks');
  expect(await runCli(['gateways', 'forget', 'Studio'], { home })).toMatchObject({ exitCode: 0 });
  expect(await kept()).toEqual([]);
});

test('a code is asked for on the open connection, and a new one when the line comes back', async ({ home }) => {
  await using desk = await Desk.start();
  await using server = await CodeServer.start();
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const local = String(await freePort());
  const ports = ['--remote-port', String(desk.port), '--local-port', local, '--known-hosts', server.knownHostsFile];
  await runCli(['gateways', 'add', 'Studio', '--ssh', server.target, ...ports, '--token-file', desk.tokenFile], {
    home,
  });

  server.code = '111111';
  const used = await runCli(['use', 'Studio'], { home });
  expect(used.stdout).toContain('Studio asks for “Verification code” to sign in.');
  const wrong = await runCli(['answer'], { home, input: '000000\n' });
  expect(wrong.stdout).toContain('It was refused.');
  const right = await runCli(['answer'], { home, input: '111111\n' });
  expect(right, right.stderr).toMatchObject({ exitCode: 0 });
  await waitForHealth(Number(local));

  server.code = '222222';
  server.hangUp();
  await expect.poll(async () => (await runCli(['status'], { home })).stdout).toContain('asks for “Verification code”');
  expect(await runCli(['answer'], { home, input: '222222\n' })).toMatchObject({ exitCode: 0 });
  expect(server.typed).toEqual(['000000', '111111', '222222']);
});
