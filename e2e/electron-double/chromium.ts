import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { chromium, type Browser } from 'playwright-core';

import { bootFacts } from './boot-facts.ts';
import { chromiumMissing, findChromium, QUIET_FLAGS } from './chromium-program.ts';

type Keeper = ChildProcessByStdio<Writable, null, Readable>;

const CLOSE_LIMIT_MS = 5000;
const FLAGS: readonly string[] = [
  ...QUIET_FLAGS,
  '--no-startup-window',
  '--no-default-browser-check',
  '--remote-debugging-port=0',
  '--disable-gpu',
  '--disable-extensions',
  '--disable-dev-shm-usage',
  '--password-store=basic',
  '--use-mock-keychain',
  '--mute-audio',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--force-color-profile=srgb',
  // Electron asks nobody before a page speaks to loopback, and does not rewrite http: to https:.
  '--disable-features=Translate,MediaRouter,OptimizationHints,HttpsUpgrades,LocalNetworkAccessChecks',
];

let keeper: Keeper | undefined;
let connected: Promise<Browser> | undefined;

/** The one Chromium behind all windows, started when it is first needed. */
export function browser(): Promise<Browser> {
  connected ??= startChromium();
  return connected;
}

/** Resolves when Chromium is gone and its temporary profile removed. */
export async function closeBrowser(): Promise<void> {
  if (keeper === undefined || keeper.exitCode !== null || keeper.signalCode !== null) return;
  keeper.off('exit', dieWithChromium);
  const gone = new Promise((resolve) => keeper?.once('exit', resolve));
  const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
  keeper.stdin.end();
  await Promise.race([gone, limit]);
}

async function startChromium(): Promise<Browser> {
  const program = findChromium('EDOUBLE_CHROMIUM') ?? findChromium('GANGWAY_CHROMIUM');
  if (program === undefined) throw new Error(chromiumMissing('EDOUBLE_CHROMIUM'));
  keeper = startKeeper(program);
  const endpoint = await debuggingEndpoint(keeper.stderr);
  keeper.once('exit', dieWithChromium);
  const connection = await chromium.connectOverCDP(endpoint);
  // Playwright's `_electron.launch` waits for this line of Electron's own.
  if (bootFacts.underTester) process.stderr.write(`DevTools listening on ${endpoint}\n`);
  return connection;
}

/** Electron and Chromium are one program: neither goes on without the other. */
function dieWithChromium(): void {
  console.error('electron-double: Chromium ended by itself');
  // A plain exit would wait for the tester's debugger to disconnect, which waits for our end.
  process.kill(process.pid, 'SIGKILL');
}

function startKeeper(program: string): Keeper {
  const kept = process.env['EDOUBLE_PROFILE'];
  const profile = kept ?? mkdtempSync(join(tmpdir(), `edouble-profile-${process.pid}-`));
  const script = join(import.meta.dirname, 'chromium-keeper.ts');
  const lifetime = kept === undefined ? 'temporary' : 'kept';
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, program, profile, lifetime, ...FLAGS, ...flagsOfThisRun()],
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true, windowsHide: true },
  );
}

function flagsOfThisRun(): string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    ...(isRoot || bootFacts.switches.has('no-sandbox') ? ['--no-sandbox'] : []),
    ...(process.env['EDOUBLE_HEADED'] === '1' ? [] : ['--headless=new', '--hide-scrollbars']),
  ];
}

function debuggingEndpoint(stderr: Readable): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface(stderr)
      .on('line', (line) => {
        lines.push(line);
        const [, endpoint] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
        if (endpoint !== undefined) resolve(endpoint);
      })
      .once('close', () => reject(new Error(`Chromium did not start:\n${lines.slice(-10).join('\n')}`)));
  });
}
