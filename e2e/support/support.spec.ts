import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';

import { RunningCli } from './cli.ts';
import { test } from './fixtures.ts';
import { freePort } from './free-port.ts';
import type { PrivateSshd } from './private-sshd.ts';
import { descendants, hasProc, listeningPorts, NO_PROC, waitUntilGone } from './processes.ts';
import { renderMenu, type TrayItem } from './tray.ts';

const run = promisify(execFile);

function row(item: Partial<TrayItem>): TrayItem {
  const plain = { id: '', type: 'normal', label: '', sublabel: '', accelerator: '', items: [] } as const;
  return { ...plain, enabled: true, visible: true, checked: false, ...item };
}

/** Signs in with the system's own client and runs nothing. */
function signIn({ host, port, user, identityFile, knownHostsFile }: PrivateSshd): Promise<unknown> {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${knownHostsFile}`, 'ConnectTimeout=2'];
  const flags = options.flatMap((option) => ['-o', option]);
  return run('ssh', ['-F', 'none', '-i', identityFile, '-p', String(port), ...flags, `${user}@${host}`, 'true']);
}

test('renders a menu as a person would read it', () => {
  const items = [
    row({ label: 'Off since 10:00', enabled: false }),
    row({ type: 'separator' }),
    row({ label: 'Hidden', visible: false }),
    row({ label: 'Awake', type: 'checkbox', checked: true }),
    row({ label: 'Mode', type: 'submenu', items: [row({ label: 'Local', type: 'radio', checked: true })] }),
  ];
  expect(renderMenu(items).split('\n')).toEqual([
    'Off since 10:00 (disabled)',
    '---',
    '[x] Awake',
    'Mode',
    '  (x) Local',
  ]);
});

test('finds ports that can be listened on, below those of outgoing connections', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('lists the ports of this very process', async () => {
  test.skip(!hasProc, NO_PROC);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await listeningPorts(process.pid)).toContainEqual({ pid: process.pid, port, address: '127.0.0.1' });
  server.close();
});

function runScript(script: string): RunningCli {
  return new RunningCli(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] }), 5000);
}

test('waits for the JSON line of a program that goes on, and stops it', async () => {
  const lines = [{ status: 'connecting' }, { status: 'connected', localPort: 1 }].map((line) => JSON.stringify(line));
  await using cli = runScript(`console.log('hello\\n${lines.join('\\n')}'); setInterval(() => {}, 1000)`);
  expect(await cli.waitForJson(({ status }) => status === 'connected')).toMatchObject({ localPort: 1 });
  expect(cli.jsonLines).toHaveLength(2);
  expect(await cli.stop('SIGKILL')).toBeUndefined();
});

test('tells what a program said when it ends without the line', async () => {
  await using cli = runScript(`console.error('no key'); process.exitCode = 3`);
  await expect(cli.waitForJson()).rejects.toThrow(/ended without a JSON line[^]*no key/);
  expect(await cli.exited).toBe(3);
});

test('says which processes are still running', async () => {
  await expect(waitUntilGone([process.pid], 0)).rejects.toThrow(`Still running: ${process.pid}.`);
});

test('kills sshd with its sessions and brings it back on the same port', async ({ sshd }) => {
  await signIn(sshd);
  expect(sshd.logs).toContain('Accepted publickey');
  await sshd.kill();
  await expect(signIn(sshd)).rejects.toThrow('Connection refused');
  expect((await descendants()).filter(({ command }) => command.includes(sshd.folder))).toEqual([]);
  await sshd.start();
  await signIn(sshd);
});

test('changes the host key of sshd, which the known hosts then contradict', async ({ sshd }) => {
  const before = await sshd.hostFingerprint();
  await sshd.changeHostKey();
  expect(await sshd.hostFingerprint()).not.toBe(before);
  await expect(signIn(sshd)).rejects.toThrow('REMOTE HOST IDENTIFICATION HAS CHANGED');
});
