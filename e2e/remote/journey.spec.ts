import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop, waitForHealth } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { descendants, hasProc, listeningPorts, NO_PROC, tcpSocketCount } from '../support/processes.ts';

interface Status {
  readonly mode: string;
  readonly gateways: readonly { name: string; state: { status: string; cause?: { code: string } }; url?: string }[];
}

const statusOf = async (home: string): Promise<Status> => {
  const { stdout } = await runCli(['status', '--json'], { home });
  return JSON.parse(stdout) as Status;
};

test('a laptop reaches the gateway of a desk through SSH, and goes back to its own', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  const localPort = await prepareLaptop(home);
  const tunnelPort = await freePort();
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/This computer: connected/);

  const words = addArguments('Studio', sshd, { remote: desk.port, local: tunnelPort });
  expect(await runCli([...words, '--token-file', desk.tokenFile], { home })).toMatchObject({ exitCode: 0 });
  const use = await runCli(['use', 'studio'], { home });
  expect(use, use.stderr).toMatchObject({ exitCode: 0 });
  expect(use.stdout).toContain(`Studio: connected at http://127.0.0.1:${tunnelPort}`);

  await test.step('the tunnel leads to the gateway of the desk', async () => {
    const health = await runCli(['health', '--json'], { home });
    expect(JSON.parse(health.stdout)).toMatchObject({ healthy: true, url: `ws://127.0.0.1:${tunnelPort}` });
    expect(await statusOf(home)).toMatchObject({ mode: 'ssh' });
  });

  await test.step('the embedded gateway is gone meanwhile', async () => {
    await expect(fetch(`http://127.0.0.1:${localPort}/health`)).rejects.toThrow();
  });

  await test.step('a killed sshd comes back without a click', async () => {
    await sshd.kill();
    await expect.poll(async () => (await statusOf(home)).gateways[1]?.state.status).toMatch(/waiting|connecting/);
    await sshd.start();
    await waitForHealth(tunnelPort);
    await expect.poll(async () => (await runCli(['health'], { home })).exitCode, { timeout: 20_000 }).toBe(0);
  });

  await test.step('“local” starts the embedded gateway again', async () => {
    expect(await runCli(['use', 'local'], { home })).toMatchObject({ exitCode: 0 });
    await waitForHealth(localPort);
    await expect(fetch(`http://127.0.0.1:${tunnelPort}/health`)).rejects.toThrow();
  });

  await test.step('“off” leaves no listener, no socket and no process', async () => {
    test.skip(!hasProc, NO_PROC);
    expect(await runCli(['off'], { home })).toMatchObject({ exitCode: 0, stdout: 'Switched off\n' });
    expect(await listeningPorts(app.pid)).toEqual([]);
    expect(await tcpSocketCount(app.pid)).toBe(0);
    expect(await descendants(app.pid)).toEqual([]);
  });

  expect(await app.stop()).toBe(0);
});

test('gangway env points at the gateway in use, and shows its secret to a pipe only', async ({ home }) => {
  const port = await prepareLaptop(home);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/connected/);
  const { stdout } = await runCli(['env'], { home });
  const token = /OPENCLAW_GATEWAY_TOKEN='([^']+)'/.exec(stdout)?.[1] ?? '';
  expect(stdout).toContain(`export OPENCLAW_GATEWAY_URL='ws://127.0.0.1:${port}'`);
  expect(token).toHaveLength(43);
  // Standard output of the app is no terminal here: it says how to sign in and keeps the secret.
  expect(app.stdout).toContain('gangway env --show');
  expect(app.stdout + app.stderr).not.toContain(token);
});
