import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication } from '@playwright/test';

import { testEnvironment } from './support/environment.ts';

export type ElectronKind = 'double' | 'real';

export interface LaunchOptions {
  /** GANGWAY_HOME of the app; its Chromium data goes into a folder inside. */
  readonly home: string;
  /** What follows the app on the command line, for example a deep link. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folder with the `package.json` to start; the repository by default. */
  readonly appFolder?: string;
  /** Forces one of the two for this start. */
  readonly electron?: ElectronKind;
}

export const REPOSITORY: string = join(import.meta.dirname, '..');
const PROBE = join(import.meta.dirname, 'probe.cjs');
const LAUNCHER = process.platform === 'win32' ? 'electron-double.cmd' : 'electron-double';
const DOUBLE = join(import.meta.dirname, 'electron-double', LAUNCHER);

/** `E2E_ELECTRON=real|double` decides; without it the real binary is used wherever it is installed. */
export function electronKind(): ElectronKind {
  const wanted = process.env['E2E_ELECTRON'];
  if (wanted === 'double' || wanted === 'real') return wanted;
  if (wanted !== undefined && wanted !== '') throw new Error(`E2E_ELECTRON is ${wanted}: say real or double.`);
  return realElectron() === undefined ? 'double' : 'real';
}

/** Starts the app. The caller closes it: `await app.close()` quits it as a person would. */
export async function launch(options: LaunchOptions): Promise<ElectronApplication> {
  const { file, args, env } = electronCommand(options);
  // Without a path Playwright finds the real Electron itself and adds its loader.
  const executable = (options.electron ?? electronKind()) === 'real' ? {} : { executablePath: file };
  return _electron.launch({ ...executable, args, env, cwd: options.appFolder ?? REPOSITORY });
}

/** The same start as a plain command, for a second instance. */
export function electronCommand(options: LaunchOptions): { file: string; args: string[]; env: Record<string, string> } {
  const kind = options.electron ?? electronKind();
  const file = kind === 'real' ? realElectron() : DOUBLE;
  if (file === undefined) throw new Error('The Electron binary is not installed: run `npx install-electron`.');
  const switches = ['-r', PROBE, `--user-data-dir=${join(options.home, 'electron')}`];
  return {
    file,
    args: [...switches, options.appFolder ?? REPOSITORY, ...(options.args ?? [])],
    env: testEnvironment(options.home, options.env),
  };
}

function realElectron(): string | undefined {
  const folder = join(REPOSITORY, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const file = join(folder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(file) ? file : undefined;
}
