import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import { startCli } from '../support/cli.ts';
import { test } from '../support/fixtures.ts';
import { endWithUs } from './support/end-with-us.ts';
import { Openclaw } from './support/openclaw.ts';
import { createPrivateHome, OPENCLAW } from './support/private-home.ts';

const TOKEN = 'the-token-of-our-gateway-0123456789';

test('the real node host is paired by the real command line at our gateway, and answers', async ({ home }) => {
  // A dozen runs of the real command line, each of several seconds on a machine with other work.
  test.setTimeout(600_000);
  const nodes = { pairing: { autoApproveLocal: false } };
  const config = { gateway: { auth: { mode: 'token', token: TOKEN }, nodes } };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify(config), { mode: 0o600 });
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port } = await gateway.waitForJson();
  const openclaw = new Openclaw('env', { url: `ws://127.0.0.1:${String(port)}`, token: TOKEN });
  const told = async (...words: string[]): Promise<string> => {
    const { code, stdout, text } = await openclaw.run(words);
    expect(code, text).toBe(0);
    return stdout;
  };
  await using host = startNodeHost(Number(port));

  await test.step('the device asks, and is approved', async () => {
    const requestId = await host.until(/requestId: ([0-9a-f-]{36})/);
    expect(await told('devices', 'list')).toContain(requestId);
    expect(await told('devices', 'approve', requestId)).toContain(`(${requestId})`);
  });
  await test.step('it comes back by itself, and what it offers is approved', async () => {
    await expect.poll(() => told('nodes', 'pending'), { timeout: 90_000 }).toContain('bench');
    const { pending } = JSON.parse(await told('nodes', 'list', '--json')) as {
      pending: [{ requestId: string; commands: readonly string[] }];
    };
    expect(pending[0].commands).toContain('system.which');
    expect(pending[0].commands).not.toContain('file.write');
    await told('nodes', 'approve', pending[0].requestId);
  });
  await test.step('it answers', async () => {
    expect(await told('nodes', 'status')).toContain('Connected: 1');
    expect(await told('nodes', 'describe', '--node', 'bench')).toContain('system.which');
    const asked = ['--command', 'system.which', '--params', '{"bins":["sh"]}'];
    expect(await told('nodes', 'invoke', '--node', 'bench', ...asked)).toContain('/bin/sh');
    await told('nodes', 'rename', '--node', 'bench', '--name', 'lathe');
  });
  await test.step('it is removed', async () => {
    const { paired } = JSON.parse(await told('devices', 'list', '--json')) as { paired: [{ deviceId: string }] };
    await told('devices', 'remove', paired[0].deviceId);
    await host.until(/4001|device removed/);
  });
  openclaw.close();
  expect(await gateway.stop('SIGTERM')).toBe(0);
});

interface NodeHost extends AsyncDisposable {
  /** Waits until it has said that; resolves with the first group. */
  until(pattern: RegExp): Promise<string>;
}

/** `openclaw node run`, in a home of its own. */
function startNodeHost(port: number): NodeHost {
  const home = createPrivateHome();
  const words = ['node', 'run', '--host', '127.0.0.1', '--port', String(port), '--display-name', 'bench'];
  const child: ChildProcess = spawn(process.execPath, [OPENCLAW, ...words], {
    cwd: home.dir,
    env: { ...home.env, OPENCLAW_GATEWAY_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  }
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    until: async (pattern) => {
      await expect.poll(() => said, { timeout: 90_000 }).toMatch(pattern);
      return pattern.exec(said)?.[1] ?? '';
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
      home.remove();
    },
  };
}
