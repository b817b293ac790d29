import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Netmap } from './netmap.ts';

/** `state.json`: what the fake daemon is told of itself. It is read anew for each question, so a test may write it. */
export interface FakeState {
  /** As ipn/backend.go names it. */
  readonly backendState: string;
  readonly version: { readonly cli: string; readonly daemon: string };
  readonly prefs: { readonly shieldsUp: boolean; readonly operatorUser: string };
  /** Nobody but an administrator may change routes; we are none. */
  readonly isReadOnly: boolean;
  readonly health: readonly string[];
  readonly authUrl: string;
  /** What the tailnet is without a control server; `null` before it was heard of. */
  readonly netmap: Netmap | null;
  /** Of the control server that is asked instead. */
  readonly loginServer: string;
  /** What the tailnet answers when a feature is asked for that it does not allow. */
  readonly queryFeature: { readonly text: string; readonly url: string; readonly shouldWait: boolean };
}

const NEW: FakeState = {
  backendState: 'NeedsLogin',
  version: { cli: '1.102.3', daemon: '1.102.3' },
  prefs: { shieldsUp: false, operatorUser: '' },
  isReadOnly: false,
  health: [],
  authUrl: '',
  netmap: null,
  loginServer: '',
  queryFeature: {
    text: 'Serve is not enabled on your tailnet.\nTo enable, visit:',
    url: 'https://login.tailscale.com/f/serve?node=nFAKE',
    shouldWait: true,
  },
};

/** The steering folder: `FAKE_TS_DIR`, else that of the socket. */
export function steeringFolder(socket: string): string {
  return process.env['FAKE_TS_DIR'] || dirname(socket);
}

export function readState(folder: string): FakeState {
  const file = join(folder, 'state.json');
  if (!existsSync(file)) return NEW;
  return { ...NEW, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<FakeState>) };
}

export function changeState(folder: string, change: Partial<FakeState>): void {
  writeWhole(join(folder, 'state.json'), { ...readState(folder), ...change });
}

/** Readers see the old or the new text. */
export function writeWhole(file: string, json: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(json));
  renameSync(draft, file);
}

/** Whether a version is at least 1.92, from which on the daemon refuses a port that is taken. */
export function refusesConflicts(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= 92;
}
