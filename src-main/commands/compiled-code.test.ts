import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gangway-compiled-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Where a fresh process keeps compiled code after it was told to, for that home. */
function keptBy(home: string): string {
  const file = JSON.stringify(new URL('compiled-code.ts', import.meta.url).href);
  const script = `
    import module from 'node:module';
    import { keepCompiledCode } from ${file};
    keepCompiledCode(process.argv[1]);
    console.log(module.getCompileCacheDir() ?? 'nowhere');`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script, home], { encoding: 'utf8' }).trim();
}

it('is kept in a folder of the home that is for its owner alone', () => {
  const home = join(dir, 'home');
  mkdirSync(join(home, 'logs'), { recursive: true });
  expect(keptBy(home).startsWith(join(home, 'cache'))).toBe(true);
  const modes = { win32: 0o700, other: statSync(join(home, 'cache')).mode & 0o777 };
  expect(modes[process.platform === 'win32' ? 'win32' : 'other']).toBe(0o700);
});

it('is not kept, and makes no home, where nothing has run', () => {
  const home = join(dir, 'home');
  expect(keptBy(home)).toBe('nowhere');
  expect(existsSync(home)).toBe(false);
  mkdirSync(home);
  expect(keptBy(home)).toBe('nowhere');
  expect(readdirSync(home)).toEqual([]);
});

it('is not kept where that is impossible, and nothing fails', () => {
  const home = join(dir, 'home');
  mkdirSync(join(home, 'logs'), { recursive: true });
  writeFileSync(join(home, 'cache'), '');
  expect(keptBy(home)).toBe('nowhere');
});
