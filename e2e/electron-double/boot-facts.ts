import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Manifest {
  readonly name: string;
  readonly productName?: string;
  readonly version: string;
  readonly main: string;
}

/** What the command line of the "executable" says, read the way Electron's default app reads it. */
export interface BootFacts {
  /** Folder of the app. */
  readonly root: string;
  readonly manifest: Manifest;
  /** `file:` URL of the app's main script. */
  readonly mainUrl: string;
  /** CommonJS files given with `-r`, to be loaded before the app. */
  readonly requires: readonly string[];
  /** Chromium and Electron switches without their dashes; a switch without a value is `''`. */
  readonly switches: ReadonlyMap<string, string>;
  /** What the app sees as `process.argv`. */
  readonly argv: readonly string[];
  readonly launcher: string;
  /** A tester starts Electron with a debugging port and then decides when the app becomes ready. */
  readonly underTester: boolean;
}

const LAUNCHER = join(import.meta.dirname, process.platform === 'win32' ? 'electron-double.cmd' : 'electron-double');
const TESTER_MARK = '--remote-debugging-port=0';

export const bootFacts: BootFacts = readBootFacts(process.argv.slice(2));

function readBootFacts(args: readonly string[]): BootFacts {
  const { requires, switches, app } = splitArguments(args);
  const entry = resolve(app);
  const isFolder = statSync(entry).isDirectory();
  const root = isFolder ? entry : dirname(entry);
  const manifest = isFolder ? readManifest(root) : { name: 'Electron', version: '0.0.0', main: entry };
  return {
    root,
    manifest,
    mainUrl: pathToFileURL(resolve(root, manifest.main)).href,
    requires,
    switches,
    // Playwright's loader cuts its own switches out of the real Electron's arguments in the same way.
    argv: [LAUNCHER, ...args.slice(args.indexOf(TESTER_MARK) + 1)],
    launcher: LAUNCHER,
    underTester: switches.has('remote-debugging-port'),
  };
}

function splitArguments(args: readonly string[]): { requires: string[]; switches: Map<string, string>; app: string } {
  const requires: string[] = [];
  const switches = new Map<string, string>();
  const rest = [...args];
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (!next.startsWith('-')) return { requires, switches, app: next };
    if (next === '-r' || next === '--require') requires.push(resolve(rest.shift() ?? ''));
    else addSwitch(switches, next);
  }
  return { requires, switches, app: '.' };
}

function addSwitch(switches: Map<string, string>, argument: string): void {
  const [, name = '', value = ''] = /^-+([^=]*)=?(.*)$/s.exec(argument) ?? [];
  switches.set(name, value);
}

function readManifest(root: string): Manifest {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Partial<Manifest>;
  return { name: 'Electron', version: '0.0.0', main: 'index.js', ...manifest };
}
