import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** `gangway app` from a terminal: hands over to the Electron binary, where one is installed. */
export function startDesktop(terminal: Terminal, distRoot: string): Promise<ExitCode> {
  const appRoot = join(distRoot, '..');
  const binary = electronBinary(appRoot);
  if (binary === undefined) {
    terminal.err('gangway: Electron is not installed here. Run the app without a window: gangway app --headless\n');
    return Promise.resolve(EXIT.notWell);
  }
  const child = spawn(binary, [appRoot], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(EXIT.notWell));
    child.once('exit', (code) => resolve(code === 0 ? EXIT.done : EXIT.notWell));
  });
}

/** The npm package of Electron keeps the name of its binary in `path.txt` once that was downloaded. */
function electronBinary(appRoot: string): string | undefined {
  const electron = join(appRoot, 'node_modules', 'electron');
  const nameFile = join(electron, 'path.txt');
  if (!existsSync(nameFile)) return undefined;
  const binary = join(electron, 'dist', readFileSync(nameFile, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}
