import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { descendants, hasProc, NO_PROC, waitUntilGone } from '../support/processes.ts';

test('a ProxyCommand is named with its fix, which lets the ssh of the system go that way', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  const sshConfig = join(home, 'ssh_config');
  const proxy = `ProxyCommand ${process.execPath} -e "const s=require('net').connect(${sshd.port},'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)"`;
  await writeFile(
    sshConfig,
    `Host studio\n  User ${sshd.user}\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  ${proxy}\n`,
  );
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const files = ['--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile, '--ssh-config', sshConfig];
  const ports = ['--remote-port', String(desk.port), '--local-port', String(await freePort())];
  const words = ['gateways', 'add', 'Studio', '--ssh', 'studio', ...ports, ...files, '--token-file', desk.tokenFile];
  await runCli(words, { home });

  const refused = await runCli(['use', 'Studio'], { home });
  expect(refused.stdout).toContain("ProxyCommand needs the system's ssh");
  const { stdout } = await runCli(['status', '--json'], { home });
  const { gateways } = JSON.parse(stdout) as { gateways: { name: string; state: { cause?: { fix?: string } } }[] };
  const fix = gateways.find(({ name }) => name === 'Studio')?.state.cause?.fix;
  expect(fix).toBe('gangway gateways engine Studio system-ssh');
  const mended = await runCli((fix ?? '').split(' ').slice(1), { home });
  expect(mended, mended.stderr).toMatchObject({ exitCode: 0 });
  expect(mended.stdout).toContain('Studio: connected');

  const way = ['--engine', 'system-ssh', ...files, '--remote-port', String(desk.port)];
  const tested = await runCli(['test', 'studio', ...way, '--token-file', desk.tokenFile], { home });
  expect(tested, tested.stdout).toMatchObject({ exitCode: 0 });
  expect(tested.stdout).toContain('by the system’s ssh');
});

test('the ssh of the system dies with a tunnel that is killed', async ({ home, sshd }) => {
  test.skip(!hasProc, NO_PROC);
  await using desk = await Desk.start();
  const files = ['--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile];
  const ports = ['--remote-port', String(desk.port), '--local-port', '0'];
  await using tunnel = startCli(['tunnel', sshd.target, '--engine', 'system-ssh', ...ports, ...files, '--json'], {
    home,
  });
  const { localPort } = await tunnel.waitForJson((line) => line['status'] === 'connected');
  expect(await (await fetch(`http://127.0.0.1:${String(localPort)}/health`)).json()).toMatchObject({ ok: true });
  const helpers = await descendants(tunnel.pid);
  expect(new Set(helpers.map(({ command }) => command.split(' ')[0]))).toEqual(new Set(['/bin/sh', 'ssh']));
  tunnel.kill('SIGKILL');
  await tunnel.exited;
  await waitUntilGone(helpers.map(({ pid }) => pid));
});
