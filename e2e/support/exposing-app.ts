import { copyFile, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import type { VisitorView } from '../../src-main/contract/exposure.ts';
import { REPOSITORY } from '../launch.ts';

/** What the stand-in for the gateway's process does, see `exposing-host.mjs`. */
export interface Steering {
  /** What keeps every wish from being carried out. */
  readonly fault?: ErrorInfo;
  /** An open route is lost, for this reason and since then. */
  readonly lost?: { readonly cause: ErrorInfo; readonly sinceMs: number };
  /** How long a Funnel is open, whatever was asked for. */
  readonly shortMs?: number;
  readonly visitors?: readonly VisitorView[];
}

/** The built app in a folder of its own, with a gateway's process that opens itself without Tailscale. */
export interface ExposingApp {
  /** For `launch({ appFolder })`. */
  readonly folder: string;
  steer(home: string, steering: Steering): Promise<void>;
  remove(): Promise<void>;
}

export async function buildExposingApp(): Promise<ExposingApp> {
  const folder = await mkdtemp(join(tmpdir(), 'gw-app-'));
  await mkdir(join(folder, 'out'));
  const main = join(folder, 'out/main');
  await cp(join(REPOSITORY, 'out/main'), main, { recursive: true });
  for (const name of ['package.json', 'node_modules', 'resources', 'out/preload', 'out/renderer']) {
    await symlink(join(REPOSITORY, name), join(folder, name));
  }
  await rename(join(main, 'gateway-host.js'), join(main, 'real-gateway-host.js'));
  await copyFile(join(import.meta.dirname, 'exposing-host.mjs'), join(main, 'gateway-host.js'));
  return {
    folder,
    steer: (home, steering) => writeFile(join(home, 'exposing.json'), JSON.stringify(steering)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
