import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { GatewayWire } from '../support/gateway-wire.ts';

/** A small disk in memory. Making one needs the rights of the administrator. */
class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** `undefined` where this user may not mount. */
  static async mount(options: string): Promise<SmallDisk | undefined> {
    const path = await mkdtemp(join(tmpdir(), 'gw-disk-'));
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    if (status === 0) return new SmallDisk(path);
    await rm(path, { recursive: true });
    return undefined;
  }

  makeReadOnly(): void {
    spawnSync('mount', ['-o', 'remount,ro', this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    spawnSync('umount', [this.path]);
    await rm(this.path, { recursive: true });
  }
}

const NO_MOUNT = 'this user may not mount a disk to fill';

test('a full disk is told to whoever asks, and is no reason to end', async () => {
  await using disk = await SmallDisk.mount('size=2m,mode=700');
  test.skip(disk === undefined, NO_MOUNT);
  const home = disk?.path ?? '';
  const ballast = join(home, 'ballast');
  await writeFile(ballast, Buffer.alloc(1024 * 1024));
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port } = await gateway.waitForJson();
  const token = (await readFile(join(home, 'secrets', 'gateway.local.token'), 'utf8')).trim();
  const wire = await GatewayWire.open(Number(port), token);
  const kept: string[] = [];
  const send = (id: string) =>
    wire.request('chat.send', { sessionKey: 'main', message: `${id} ${'x'.repeat(100_000)}`, idempotencyKey: id });
  let refused = await send('first');
  for (let turn = 0; refused.ok && turn < 100; turn += 1) {
    kept.push(turn === 0 ? 'first' : `turn-${turn - 1}`);
    refused = await send(`turn-${turn}`);
  }
  expect(refused).toMatchObject({
    ok: false,
    payload: { code: 'UNAVAILABLE', details: { code: 'gateway/state-unwritable' } },
  });
  expect(String(refused.payload['message'])).toContain('there is no space left on the disk');
  expect(await wire.request('health', {})).toMatchObject({ ok: true });
  await rm(ballast);
  expect(await send('after')).toMatchObject({ ok: true });
  const { payload } = await wire.request('chat.history', { sessionKey: 'main', limit: 1_000 });
  const asked = (payload['messages'] as readonly { content: unknown }[]).flatMap(({ content }) =>
    typeof content === 'string' ? [content.split(' ')[0]] : [],
  );
  expect(asked).toEqual([...kept, 'after']);
  await wire.close();
  expect(await gateway.stop()).toBe(0);
});

test('on a disk that has become read-only the gateway does not start, and says why', async () => {
  await using disk = await SmallDisk.mount('size=2m,mode=700');
  test.skip(disk === undefined, NO_MOUNT);
  const home = disk?.path ?? '';
  const before = startCli(['gateway', '--port', '0', '--json'], { home });
  await before.waitForJson();
  expect(await before.stop()).toBe(0);
  disk?.makeReadOnly();
  const { exitCode, stderr } = await runCli(['gateway', '--port', '0'], { home });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('The gateway cannot write its state');
  expect(stderr).toContain('the disk is read-only');
});

test('a read-only disk without a home on it is named, and no surprise', async () => {
  await using disk = await SmallDisk.mount('size=2m,mode=700');
  test.skip(disk === undefined, NO_MOUNT);
  const home = join(disk?.path ?? '', 'home');
  // What the test gives to every program as the home of its user.
  await mkdir(join(home, 'user'), { recursive: true });
  disk?.makeReadOnly();
  for (const env of [{}, { OPENCLAW_GATEWAY_TOKEN: 'a-token-that-is-long-enough' }]) {
    const { exitCode, stderr } = await runCli(['gateway', '--port', '0'], { home, env });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the disk may be read-only')]);
  }
});
