import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const RULE = 'no-restricted-imports';

type Border = readonly [file: string, imported: string, message: string];

const ELECTRON = 'this folder runs in plain Node, also on servers';
const ENTRIES = 'entries import, nobody imports them';
const UI = 'main knows nothing of the windows';
const TABLE = 'see the table in ARCHITECTURE.md';
const WINDOWS = 'windows see only the contract';
const PAGE = 'the Control UI is a web page';

/** Refused as a value, as a type, and when passed on. */
const LEAKS: readonly Border[] = [
  ['src-main/contract/leak.ts', 'node:fs', 'the contract imports nothing'],
  ['src-main/contract/leak.ts', 'zod', 'the contract imports nothing'],
  ['src-main/contract/leak.ts', '../platform/ports.ts', 'the contract is a leaf'],
  ...domains().flatMap((own): Border[] => [
    ...domains()
      .filter((other) => other !== own)
      .map((other): Border => [`src-main/${own}/leak.ts`, `../${other}/thing.ts`, TABLE]),
    [`src-main/${own}/deep/leak.ts`, '../../supervisor/supervisor.ts', TABLE],
    [`src-main/${own}/leak.ts`, '../shell/tray.ts', TABLE],
    [`src-main/${own}/leak.ts`, '../config/settings.ts', TABLE],
    [`src-main/${own}/leak.ts`, 'electron', ELECTRON],
    [`src-main/${own}/leak.ts`, '../cli.ts', ENTRIES],
    [`src-main/${own}/leak.ts`, '../../src-renderer/App.tsx', UI],
  ]),
  ...['platform', 'logging'].flatMap((own): Border[] => [
    [`src-main/${own}/leak.ts`, '../ssh/link.ts', TABLE],
    [`src-main/${own}/testing/leak.ts`, '../../secrets/secrets.ts', TABLE],
    [`src-main/${own}/leak.ts`, 'electron', ELECTRON],
  ]),
  ...['config', 'secrets'].flatMap((own): Border[] => [
    [`src-main/${own}/leak.ts`, '../gateway/gateway.ts', TABLE],
    [`src-main/${own}/leak.ts`, '../supervisor/supervisor.ts', TABLE],
    [`src-main/${own}/leak.ts`, 'electron/main', ELECTRON],
  ]),
  ['src-main/exposed-gateway/leak.ts', '../supervisor/supervisor.ts', TABLE],
  ['src-main/exposed-gateway/leak.ts', '../ssh/link.ts', TABLE],
  ['src-main/exposed-gateway/leak.ts', 'electron', ELECTRON],
  ['src-main/exposed-gateway/leak.ts', '../gateway-host.ts', ENTRIES],
  ['src-main/supervisor/leak.ts', 'electron', ELECTRON],
  ['src-main/supervisor/leak.ts', '../shell/tray.ts', TABLE],
  ['src-main/supervisor/leak.ts', '../control/wire.ts', TABLE],
  ['src-main/supervisor/leak.ts', '../commands/program.ts', TABLE],
  ['src-main/supervisor/leak.ts', '../gateway-host.ts', ENTRIES],
  ['src-main/control/leak.ts', '../shell/tray.ts', TABLE],
  ['src-main/control/leak.ts', '../commands/program.ts', TABLE],
  ['src-main/control/leak.ts', 'electron', ELECTRON],
  ['src-main/commands/leak.ts', '../shell/tray.ts', 'the command line runs without Electron'],
  ['src-main/commands/leak.ts', 'electron', ELECTRON],
  ['src-main/commands/leak.ts', '../index.ts', ENTRIES],
  ['src-main/cli.ts', './shell/tray.ts', 'plain Node never loads the shell'],
  ['src-main/cli.ts', 'electron', ELECTRON],
  ['src-main/gateway-host.ts', 'electron', ELECTRON],
  ['src-main/gateway-host.ts', '../src-preload/bridge.ts', UI],
  ['src-main/shell/leak.ts', '../ssh/link.ts', 'the shell draws what the supervisor decides'],
  ['src-main/shell/deep/leak.ts', '../../gateway/gateway.ts', 'the shell draws what the supervisor decides'],
  ['src-main/shell/leak.ts', '../index.ts', ENTRIES],
  ['src-main/shell/leak.ts', '../../src-renderer/App.tsx', UI],
  ['src-preload/leak.ts', '../src-main/supervisor/supervisor.ts', WINDOWS],
  ['src-preload/leak.ts', 'node:fs', PAGE],
  ['src-preload/bridge.ts', '../src-main/platform/ports.ts', WINDOWS],
  ['src-renderer/features/line/leak.ts', '../../../src-main/ssh/link.ts', WINDOWS],
  ['src-renderer/leak.ts', '../src-main/cli.ts', WINDOWS],
  ['src-renderer/leak.tsx', 'node:fs', PAGE],
  ['src-renderer/leak.ts', 'electron', PAGE],
  ['src-renderer/leak.ts', 'electron/renderer', PAGE],
  ['src-renderer/leak.ts', '../src-preload/bridge.ts', 'the Control UI sees only the contract'],
  [
    'e2e/remote/leak.ts',
    '../../src-main/supervisor/supervisor.ts',
    'end-to-end tests use built output and the contract',
  ],
  ['e2e/desktop/leak.ts', '../../src-main/cli.ts', 'end-to-end tests use built output and the contract'],
  ['e2e/control-ui/leak.ts', '../../src-renderer/App.tsx', 'end-to-end tests use built output and the contract'],
  ['bench/leak.ts', '../src-main/gateway/gateway.ts', 'end-to-end tests use built output and the contract'],
  // A folder that is new and that the rules do not name yet would be open to all.
  ...foldersOfMain()
    .filter((own) => own !== 'contract')
    .map((own): Border => ['src-renderer/leak.ts', `../src-main/${own}/thing.ts`, WINDOWS]),
  ...foldersOfMain()
    .filter((own) => !['contract', 'platform', 'logging'].includes(own))
    .map((own): Border => ['src-main/platform/leak.ts', `../${own}/thing.ts`, TABLE]),
  // Node's modules have names without the prefix too, and folders of ours can be reached in a roundabout way.
  ['src-renderer/leak.ts', 'fs', PAGE],
  ['src-renderer/leak.ts', 'fs/promises', PAGE],
  ['src-preload/leak.ts', 'child_process', PAGE],
  ['src-main/ssh/leak.ts', './../gateway/gateway.ts', TABLE],
  ['src-main/ssh/leak.ts', '../platform/../gateway/gateway.ts', TABLE],
  ['src-main/ssh/leak.ts', '../../src-main/gateway/gateway.ts', TABLE],
  ['src-main/cli.ts', '../src-main/shell/tray.ts', 'plain Node never loads the shell'],
];

/** Refused as a value only. */
const VALUE_LEAKS: readonly Border[] = [
  ['src-main/shell/leak.ts', 'electron', 'take Electron as a parameter'],
  ['src-preload/bridge.ts', 'electron', 'take ipcRenderer as a parameter'],
];

/** The nearest imports that are right. */
const ALLOWED: ReadonlyArray<readonly [file: string, imported: string]> = [
  ['src-main/contract/fine.ts', './errors.ts'],
  ...domains().flatMap((own): Array<readonly [string, string]> => [
    [`src-main/${own}/fine.ts`, '../contract/errors.ts'],
    [`src-main/${own}/fine.ts`, '../platform/ports.ts'],
    [`src-main/${own}/fine.ts`, './gateway/own-subfolder.ts'],
    [`src-main/${own}/fine.ts`, 'node:net'],
    [`src-main/${own}/fine.ts`, 'ws'],
  ]),
  ['src-main/platform/fine.ts', 'node:fs'],
  ['src-main/config/fine.ts', '../secrets/secrets.ts'],
  ['src-main/supervisor/fine.ts', '../ssh/tunnel.ts'],
  ['src-main/supervisor/fine.ts', '../gateway-client/gateway-client.ts'],
  ['src-main/control/fine.ts', '../supervisor/supervisor-api.ts'],
  ['src-main/commands/fine.ts', '../gateway/gateway.ts'],
  ['src-main/cli.ts', './commands/program.ts'],
  ['src-main/shell/fine.ts', '../supervisor/supervisor-api.ts'],
  ['src-main/index.ts', 'electron'],
  ['src-main/index.ts', './shell/tray.ts'],
  ['src-preload/index.ts', 'electron'],
  ['src-preload/bridge.ts', '../src-main/contract/calls.ts'],
  ['src-renderer/fine.ts', '../src-main/contract/snapshot.ts'],
  ['src-renderer/features/fine.tsx', 'react'],
  ['src-renderer/features/fine.tsx', '../ui/fs/path.tsx'],
  ['e2e/remote/fine.ts', '../../src-main/contract/snapshot.ts'],
  ['e2e/remote/fine.ts', 'node:fs'],
  ['bench/fine.ts', '../e2e/peer/support/real-gateway.ts'],
];

function domains(): string[] {
  return ['ssh', 'tailscale', 'gateway', 'gateway-client', 'node-host'];
}

function foldersOfMain(): string[] {
  return readdirSync(join(repository, 'src-main'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

interface Planted {
  readonly folder: string;
  readonly file: string;
}

const asValue = (from: string) => `import { thing } from '${from}';\nthing();\n`;
const asType = (from: string) =>
  `import type { Thing } from '${from}';\nexport const thing: Thing | undefined = undefined;\n`;
const passedOn = (from: string) => `export { thing } from '${from}';\n`;

describe('the borders between layers', () => {
  let room: string;
  let refusals: ReadonlyMap<string, string>;
  let exitCode: number;
  const planted = new Map<string, Planted>();

  /** Every planted import has a copy of the repository's rules around it, so that no two share a file. */
  function plant(key: string, file: string, text: string): void {
    const folder = String(planted.size);
    const path = join(room, folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    planted.set(key, { folder, file });
  }

  beforeAll(async () => {
    room = mkdtempSync(join(tmpdir(), 'gangway-layers-'));
    for (const [file, from] of LEAKS) {
      plant(`${file} ${from} value`, file, asValue(from));
      plant(`${file} ${from} type`, file, asType(from));
      plant(`${file} ${from} passed on`, file, passedOn(from));
    }
    for (const [file, from] of VALUE_LEAKS) {
      plant(`${file} ${from} value`, file, asValue(from));
      plant(`${file} ${from} type`, file, asType(from));
    }
    for (const [file, from] of ALLOWED) plant(`${file} ${from} allowed`, file, asValue(from));
    writeFileSync(join(room, '.oxlintrc.json'), JSON.stringify(rulesForCopies()));
    ({ refusals, exitCode } = await lint(room));
  });
  afterAll(() => rmSync(room, { recursive: true, force: true }));

  function refusalOf(key: string): string | undefined {
    const { folder, file } = planted.get(key)!;
    return refusals.get(`${folder}/${file}`);
  }

  it.each(LEAKS)('%s may not import %s', (file, from, message) => {
    const forms = ['value', 'type', 'passed on'];
    const refused = forms.filter((form) => refusalOf(`${file} ${from} ${form}`)?.includes(message));
    expect(refused).toEqual(forms);
    expect(exitCode).toBe(1);
  });

  it.each(VALUE_LEAKS)('%s may import only types from %s', (file, from, message) => {
    expect(refusalOf(`${file} ${from} value`)).toContain(message);
    expect(refusalOf(`${file} ${from} type`)).toBeUndefined();
  });

  it.each(ALLOWED)('%s may import %s', (file, from) => {
    expect(refusalOf(`${file} ${from} allowed`)).toBeUndefined();
  });

  it('holds in the repository as it is, with the configuration as it is', async () => {
    const { refusals: real } = await lint(repository);
    expect([...real]).toEqual([]);
  });
});

/** The rules of the repository for many copies of its folders side by side, each under a number. */
function rulesForCopies(): unknown {
  const rules = JSON.parse(readFileSync(join(repository, '.oxlintrc.json'), 'utf8')) as {
    overrides: Array<{ files: string[] }>;
  };
  const overrides = rules.overrides.map((each) => ({
    ...each,
    files: each.files.map((glob) => (glob.startsWith('*') ? glob : `*/${glob}`)),
  }));
  return { ...rules, $schema: undefined, overrides };
}

/** Runs the pinned oxlint. Resolves with the exit code and, for each file, what the border rule says. */
async function lint(folder: string): Promise<{ refusals: Map<string, string>; exitCode: number }> {
  const program = join(repository, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const limit = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, code } = await run(process.execPath, [program, '--format', 'json'], limit).then(
    (done) => ({ ...done, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: Array<{ code: string; filename: string; help?: string; message: string }>;
  };
  const borders = diagnostics.filter((each) => each.code.includes(RULE));
  return {
    exitCode: code,
    refusals: new Map(borders.map(({ filename, help = '', message }) => [filename, `${message} ${help}`])),
  };
}

describe('the project references of TypeScript', () => {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  let room: string;
  beforeAll(() => {
    room = mkdtempSync(join(tmpdir(), 'gangway-references-'));
    for (const name of ['tsconfig.base.json', 'tsconfig'])
      cpSync(join(repository, name), join(room, name), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(room, 'node_modules'), 'junction');
    const files: Record<string, string> = {
      'src-main/contract/word.ts': 'export type Word = string;\n',
      'src-main/ssh/secret.ts': 'export const secret = 1;\n',
    };
    for (const [file, text] of Object.entries(files)) write(file, text);
  });
  afterAll(() => rmSync(room, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(room, file)), { recursive: true });
    writeFileSync(join(room, file), text);
  }

  async function compile(renderer: string): Promise<string> {
    write('src-renderer/page.ts', renderer);
    const built = run(process.execPath, [tsc, '-b', '--force', 'tsconfig/renderer.json'], { cwd: room });
    return built.then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  }

  it('refuse what the renderer takes from main, and let the contract through', async () => {
    expect(
      await compile(`import type { Word } from '../src-main/contract/word.ts';\nexport const page: Word = '';\n`),
    ).toBe('');
    expect(await compile(`export { secret } from '../src-main/ssh/secret.ts';\n`)).toContain('TS6307');
    expect(await compile(`export const page = import('../src-main/ssh/secret.ts');\n`)).toContain('TS6307');
  });
});

describe('the packages', () => {
  const FOLDERS = ['.', 'e2e/peer'];

  it.each(FOLDERS)('of %s are locked without a download address', (folder) => {
    const lock = readFileSync(join(repository, folder, 'package-lock.json'), 'utf8');
    expect(lock).not.toContain('"resolved"');
    expect(lock).not.toMatch(/https?:\/\/[^"]*\.tgz/);
    expect(lock).toContain('"integrity": "sha512-');
  });

  it.each(FOLDERS)('of %s have exact versions, the same as in the lock file', (folder) => {
    const read = (name: string): unknown => JSON.parse(readFileSync(join(repository, folder, name), 'utf8'));
    const manifest = read('package.json') as Record<string, Record<string, string> | undefined>;
    const lock = read('package-lock.json') as { packages: Record<string, { version?: string }> };
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
    const wanted = Object.assign({}, ...kinds.map((kind) => manifest[kind])) as Record<string, string>;
    const locked = Object.keys(wanted).map((name) => [name, lock.packages[`node_modules/${name}`]?.version]);
    expect(Object.values(wanted).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(wanted).toEqual(Object.fromEntries(locked));
  });
});
