import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

import type { ProgramFinder, ProgramRunner, ProgramSigns } from './ports.ts';

const LIMIT_MS = 5_000;

/**
 * Finds programs that an earlier run has started. The folder was made for one program alone and has a random name, so a
 * program that works there is that one, whoever has its number by now. Windows has ended them with us.
 */
export function createProgramFinder(runner: ProgramRunner, platform: NodeJS.Platform): ProgramFinder {
  if (platform === 'win32') return { find: () => Promise.resolve([]) };
  return { find: (signs) => (platform === 'linux' ? findInProc(signs) : findByPs(signs, runner)) };
}

async function findInProc({ folder, lastWord }: ProgramSigns): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
        // Each word ends with a zero.
        if (words.at(-2) !== lastWord) return [];
        const place = await readlink(`/proc/${pid}/cwd`);
        return isFolder(place.replace(/ \(deleted\)$/, ''), folder) ? [Number(pid)] : [];
      } catch {
        // It has ended meanwhile, or is somebody else's.
        return [];
      }
    }),
  );
  return found.flat();
}

async function findByPs({ folder, lastWord }: ProgramSigns, runner: ProgramRunner): Promise<readonly number[]> {
  const ask = async (file: string, words: readonly string[]): Promise<string> =>
    runner.run(file, words, { timeoutMs: LIMIT_MS }).then(
      ({ stdout }) => stdout,
      () => '',
    );
  const lines = (await ask('/bin/ps', ['-A', '-o', 'pid=,args='])).split('\n');
  const pids = lines.filter((line) => line.trim().endsWith(` ${lastWord}`)).map((line) => Number.parseInt(line, 10));
  const places = await Promise.all(
    pids.map((pid) => ask('/usr/sbin/lsof', ['-a', '-p', `${pid}`, '-d', 'cwd', '-Fn'])),
  );
  const isThere = (place = ''): boolean =>
    place.split('\n').some((line) => line.startsWith('n') && isFolder(line.slice(1), folder));
  return pids.filter((_pid, at) => isThere(places[at]));
}

/** By its own name: macOS shows the folder of temporary files under another one. */
function isFolder(place: string, folder: string): boolean {
  return basename(place) === basename(folder);
}
