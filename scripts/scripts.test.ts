import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const require = createRequire(import.meta.url);
const lib = (name: string): string => fileURLToPath(new URL(`lib/${name}.cjs`, import.meta.url));

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'gangway-scripts-'));
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(room, name);
  writeFileSync(file, text);
  return file;
}

function runScript(args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}

describe.each(['start', 'test', 'test-peer', 'prepare'])('scripts/%s.cjs', (name) => {
  it('says in one sentence that Node is too old', async () => {
    const old = write('old.cjs', `Object.defineProperty(process.versions, 'node', { value: '18.20.8' });`);
    const script = fileURLToPath(new URL(`${name}.cjs`, import.meta.url));
    const { code, stderr } = await runScript(['--require', old, script]);
    expect(code).toBe(1);
    expect(stderr).toBe('gangway: Node 18.20.8 is too old. Install Node 20 or newer and try again.\n');
  });
});

// Windows has no signals: there a program is just ended.
describe.runIf(process.platform !== 'win32')('runNode', () => {
  const child = `
    require('node:fs').writeFileSync(process.argv[2], String(process.pid));
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
      require('node:fs').appendFileSync(process.argv[2] + '.told', signal + ' ');
      setTimeout(() => process.exit(0), 100);
    });
    setInterval(() => {}, 1000);`;

  /** Starts a program that runs another one; resolves once that runs. */
  async function startPair() {
    const pidFile = join(room, 'pid');
    const args = JSON.stringify([write('child.cjs', child), pidFile]);
    const outer = write('outer.cjs', `require(${JSON.stringify(lib('run-node'))}).runNode(${args});`);
    const parent = spawn(process.execPath, [outer], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeout: 10_000 });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return { parent, pid, told: () => readFileSync(`${pidFile}.told`, 'utf8') };
  }

  const isGone = (pid: number) => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };

  it('passes a stop signal on once, however often it is told', async () => {
    const { parent, pid, told } = await startPair();
    parent.kill('SIGTERM');
    parent.kill('SIGTERM');
    await vi.waitUntil(() => isGone(pid), { timeout: 10_000 });
    expect(told()).toBe('SIGTERM ');
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const { parent, pid, told } = await startPair();
    parent.kill('SIGKILL');
    await vi.waitUntil(() => isGone(pid), { timeout: 10_000 });
    expect(told()).toBe('SIGINT ');
  });
});

describe('withLock', () => {
  interface Lock {
    readonly withLock: <T>(
      file: string,
      onWait: (pid: number) => void,
      work: (state: { cutOff: boolean }) => Promise<T>,
    ) => Promise<T>;
  }
  const { withLock } = require(lib('lock')) as Lock;

  it('lets one in at a time and says whom the others wait for', async () => {
    const file = join(room, 'lock');
    const order: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = withLock(
      file,
      () => {},
      async () => {
        order.push('first in');
        await held;
        order.push('first out');
      },
    );
    const onWait = vi.fn<(pid: number) => void>(() => release());
    await Promise.all([first, withLock(file, onWait, async () => void order.push('second in'))]);
    expect(order).toEqual(['first in', 'first out', 'second in']);
    expect(onWait).toHaveBeenCalledExactlyOnceWith(process.pid);
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from a holder that is gone, and tells so', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await new Promise((resolve) => gone.once('exit', resolve));
    const file = write('lock', String(gone.pid));
    expect(
      await withLock(
        file,
        () => {},
        async ({ cutOff }) => cutOff,
      ),
    ).toBe(true);
  });
});

describe('the sum of `npm test`', () => {
  interface Counts {
    readonly passed: number;
    readonly failed: number;
  }
  type Count = (file: string, exitCode: number) => Counts;
  const { countVitest, countPlaywright } = require(lib('test-counts')) as {
    countVitest: Count;
    countPlaywright: Count;
  };

  const vitestReport = (passed: number, failed: number, unloadable: number) => ({
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: Array.from({ length: unloadable }, () => ({ status: 'failed', assertionResults: [] })),
  });

  it.each<[string, Count, unknown, number, Counts]>([
    ['vitest, all well', countVitest, vitestReport(7, 0, 0), 0, { passed: 7, failed: 0 }],
    ['vitest, a file that cannot be loaded', countVitest, vitestReport(7, 1, 1), 1, { passed: 7, failed: 2 }],
    ['vitest, an error outside of any test', countVitest, vitestReport(7, 0, 0), 1, { passed: 7, failed: 1 }],
    [
      'Playwright, all well',
      countPlaywright,
      { stats: { expected: 4, flaky: 1, unexpected: 0 } },
      0,
      { passed: 5, failed: 0 },
    ],
    [
      'Playwright, failures',
      countPlaywright,
      { stats: { expected: 4, flaky: 0, unexpected: 2 } },
      1,
      { passed: 4, failed: 2 },
    ],
    [
      'Playwright, nothing found',
      countPlaywright,
      { stats: { expected: 0, flaky: 0, unexpected: 0 } },
      1,
      { passed: 0, failed: 1 },
    ],
    ['no report at all', countPlaywright, undefined, 1, { passed: 0, failed: 1 }],
  ])('counts %s', (_name, count, report, exitCode, counts) => {
    const file = join(room, 'report.json');
    if (report !== undefined) writeFileSync(file, JSON.stringify(report));
    expect(count(file, exitCode)).toEqual(counts);
  });
});
