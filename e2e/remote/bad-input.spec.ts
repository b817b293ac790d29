import { createServer, type AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import type { PrivateSshd } from '../support/private-sshd.ts';

const tunnelArguments = (sshd: PrivateSshd, more: readonly string[] = []): string[] => [
  'tunnel',
  sshd.target,
  '--local-port',
  '0',
  '--remote-port',
  '1',
  '--identity',
  sshd.identityFile,
  '--known-hosts',
  sshd.knownHostsFile,
  '--json',
  ...more,
];

test.describe('gangway tunnel', () => {
  test('says that a host is not known, with its fingerprint, and sends nothing', async ({ home, sshd }) => {
    await writeFile(sshd.knownHostsFile, '');
    const { exitCode, stdout } = await runCli(tunnelArguments(sshd), { home });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      status: 'failed',
      cause: { code: 'ssh/host-key-unknown', fingerprint: await sshd.hostFingerprint() },
    });
    expect(sshd.logs).not.toContain('Accepted publickey');
  });

  test('stops at a changed host key and names the line', async ({ home, sshd }) => {
    await sshd.changeHostKey();
    const { exitCode, stdout } = await runCli(tunnelArguments(sshd, ['--accept-new-host-key']), { home });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('ssh/host-key-changed');
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      cause: { fingerprint: await sshd.hostFingerprint(), line: 1 },
    });
  });

  test('stops after one refused key, naming what was tried', async ({ home, sshd }) => {
    await writeFile(sshd.authorizedKeysFile, '');
    const { exitCode, stdout } = await runCli(tunnelArguments(sshd), { home });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      cause: { code: 'ssh/auth-rejected', tried: ['id'] },
    });
  });

  test('says that there is no key to show', async ({ home, sshd }) => {
    const words = ['tunnel', sshd.target, '--known-hosts', sshd.knownHostsFile, '--local-port', '0', '--json'];
    const { exitCode, stdout } = await runCli(words, { home });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('ssh/no-credentials');
  });

  test('waits for a port that is closed over there, and for a server that is off', async ({ home, sshd }) => {
    await using tunnel = startCli(tunnelArguments(sshd), { home });
    await tunnel.waitForJson(({ cause }) => (cause as { code?: string } | undefined)?.code === 'ssh/forward-refused');
    await sshd.kill();
    const line = await tunnel.waitForJson(
      ({ cause }) => (cause as { code?: string } | undefined)?.code === 'ssh/host-unreachable',
    );
    expect(line).toMatchObject({ status: 'waiting', cause: { reason: 'refused' } });
    expect(line['retryAtMs']).toBeGreaterThan(0);
    expect(await tunnel.stop()).toBe(0);
  });

  test('refuses a target that looks like an option', async ({ home }) => {
    expect(await runCli(['tunnel', '--', '-oProxyCommand=touch /tmp/x', '--json'], { home })).toMatchObject({
      exitCode: 64,
    });
  });
});

test('a port that a stranger holds is said with who it is and which port is free, and nobody is killed', async ({
  home,
}) => {
  const port = await prepareLaptop(home);
  const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
  try {
    await using app = startCli(['app', '--headless'], { home });
    await app.waitForLine(/is taken/);
    const { exitCode, stdout } = await runCli(['status', '--json'], { home });
    expect(exitCode).toBe(1);
    const cause = (JSON.parse(stdout) as { gateways: { state: { cause: object } }[] }).gateways[0]?.state.cause;
    expect(cause).toMatchObject({ code: 'gateway/port-taken', port, holder: { pid: process.pid } });
    expect((stranger.address() as AddressInfo).port).toBe(port);
  } finally {
    stranger.close();
  }
});

test('a port that another gateway holds offers to attach to it', async ({ home }) => {
  await using other = await Desk.start();
  await writeFile(join(home, 'settings.json'), JSON.stringify({ version: 1, local: { port: other.port } }));
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/A gateway already listens/);
  const { stdout } = await runCli(['status', '--json'], { home });
  expect(stdout).toContain('gateway/port-taken-by-gateway');
  expect(stdout).toContain(`"pid":${other.pid}`);
});

test('a gateway that wants another token is asked once, and the command says so', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', '-'], { home, input: 'not-the-token-of-that-gateway\n' });
  const use = await runCli(['use', 'Studio'], { home });
  expect(use.exitCode).toBe(3);
  expect(use.stdout).toContain('Studio refused the token');
  expect(use.stdout + use.stderr + app.stdout).not.toContain('not-the-token');
});

test('broken settings are named with file and line, the rest works, and the file stays as it is', async ({ home }) => {
  const text = '{\n  "version": 1,\n  "use": null,\n  "local": { "port": "many" },\n  "mine": true\n}\n';
  await writeFile(join(home, 'settings.json'), text);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  await expect.poll(() => app.stderr).toContain('settings.json, line 4');
  const { readFile } = await import('node:fs/promises');
  expect(await readFile(join(home, 'settings.json'), 'utf8')).toBe(text);
});

for (const words of [
  ['dance'],
  [],
  ['gateway', '--port', 'many'],
  ['gateway', '--bind', 'moon'],
  ['tunnel'],
  ['use'],
  ['gateways', 'add', 'x'],
]) {
  test(`wrong words (${words.join(' ') || 'none'}) are answered with usage on stderr and exit 64`, async ({ home }) => {
    const { exitCode, stdout, stderr } = await runCli(words, { home });
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain('Usage: gangway');
  });
}

test('a command for the running app says how to start it when there is none', async ({ home }) => {
  const { exitCode, stderr } = await runCli(['status'], { home });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('gangway app');
});
