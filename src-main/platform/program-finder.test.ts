import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { createProgramFinder } from './program-finder.ts';
import { createNodeProgramRunner } from './node-program-runner.ts';

const started: { readonly child: ChildProcess; readonly folder: string }[] = [];
afterEach(async () => {
  for (const { child, folder } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  }
});

/** A program that waits in a folder of its own until it is ended. */
async function start(lastWord: string): Promise<{ readonly child: ChildProcess; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gangway-'));
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("runs")', lastWord], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  started.push({ child, folder });
  await once(child.stdout, 'data');
  return { child, folder };
}

const finder = createProgramFinder(createNodeProgramRunner(), process.platform);

it('finds the program of a folder by its last word, even when the folder is gone', async () => {
  const { child, folder } = await start('http://127.0.0.1:40001');
  await start('http://127.0.0.1:40001');
  const signs = { folder, lastWord: 'http://127.0.0.1:40001' };
  expect(await finder.find(signs)).toEqual([child.pid]);
  await rm(folder, { recursive: true });
  expect(await finder.find(signs)).toEqual([child.pid]);
  expect(await finder.find({ folder, lastWord: 'http://127.0.0.1:4000' })).toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await finder.find(signs)).toEqual([]);
});

it('asks ps and lsof where there is no /proc', async () => {
  const said: Readonly<Record<string, string>> = {
    '/bin/ps -A -o pid=,args=': '    7 tailscale serve http://127.0.0.1:1\n   81 tailscale serve http://127.0.0.1:1\n',
    '/usr/sbin/lsof -a -p 7 -d cwd -Fn': 'p7\nfcwd\nn/Users/ann\n',
    '/usr/sbin/lsof -a -p 81 -d cwd -Fn': 'p81\nfcwd\nn/private/var/folders/x/gangway-Ab12Cd\n',
  };
  const run = async (file: string, words: readonly string[]) => {
    const stdout = said[[file, ...words].join(' ')];
    if (stdout === undefined) throw new Error('ENOENT');
    return { exitCode: 0, stdout, stderr: '' };
  };
  const signs = { folder: '/var/folders/x/gangway-Ab12Cd', lastWord: 'http://127.0.0.1:1' };
  expect(await createProgramFinder({ run }, 'darwin').find(signs)).toEqual([81]);
  expect(await createProgramFinder({ run }, 'darwin').find({ ...signs, lastWord: '0.0.1:1' })).toEqual([]);
  expect(await createProgramFinder({ run }, 'win32').find(signs)).toEqual([]);
});
