import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type ElectronApplication, type Page } from '@playwright/test';

import { electronCommand, launch, type LaunchOptions } from '../launch.ts';
import { test as base } from '../support/fixtures.ts';
import { tellPower } from '../support/power.ts';
import { descendants, hasProc, NO_PROC, waitUntilGone } from '../support/processes.ts';
import { clickTrayItem, trayFacts, trayText } from '../support/tray.ts';

type Greeting = { readonly link: string; readonly data: unknown };

declare global {
  /** In the main process what main.mjs, in the page what preload.cjs puts there. */
  var fixture: {
    readonly seen: {
      readonly power: string[];
      readonly greetings: Greeting[];
      readonly permissions: string[];
      readonly senders: string[];
      readonly worker: Electron.UtilityProcess;
      readonly workerOutput: string;
    };
    openWindow(preferences?: Electron.WebPreferences): Electron.BrowserWindow;
    startWorker(): Promise<unknown>;
    readonly platform: string;
    readonly globals: readonly string[];
    echo(value: unknown): Promise<unknown>;
    call(channel: string): Promise<unknown>;
    sendFunction(): Promise<unknown>;
    addOne(value: number): number;
    mapped(values: readonly number[], each: (value: number) => number): number[];
    requireOf(id: string): string;
  };
  var __electronDouble: {
    readonly opened: readonly string[];
    readonly dropped: readonly string[];
    setOnline(online: boolean): void;
    setSystemDark(dark: boolean): void;
  };
}

const APP = join(import.meta.dirname, 'fixture-app');
const start = (home: string): LaunchOptions => ({ home, appFolder: APP, electron: 'double' });

const test = base.extend<{ readonly app: ElectronApplication }>({
  app: async ({ home }, use) => {
    const app = await launch(start(home));
    await use(app);
    await app.close();
  },
});

async function openWindow(app: ElectronApplication): Promise<Page> {
  const opened = app.waitForEvent('window');
  await clickTrayItem(app, 'open');
  const page = await opened;
  await expect(page.getByRole('status')).toHaveText('ready');
  return page;
}

/** Asks in the page; what is refused comes back as its text. */
function refusal(page: Page, ask: () => Promise<unknown>): Promise<string> {
  return page.evaluate(ask).then(
    () => 'not refused',
    (error: unknown) => String(error),
  );
}

test('shows the tray menu as it was set and lets a test click in it', async ({ app }) => {
  const rows = ['All is well (disabled)', '---', 'Open', '[ ] Keep awake', 'Mode', '  (x) Local', '  ( ) Off', 'Quit'];
  expect(await trayText(app)).toBe(rows.join('\n'));
  expect(await trayFacts(app)).toMatchObject({ toolTip: 'Fixture: well' });
  await clickTrayItem(app, 'awake');
  await clickTrayItem(app, 'mode-off');
  expect(await trayText(app)).toContain('[x] Keep awake\nMode\n  ( ) Local\n  (x) Off');
  await expect(clickTrayItem(app, 'status')).rejects.toThrow('is disabled');
  await expect(clickTrayItem(app, 'secret')).rejects.toThrow('is hidden');
  await expect(clickTrayItem(app, 'absent')).rejects.toThrow('is not there');
});

test('carries values over IPC by structured clone, and refuses what cannot be cloned', async ({ app }) => {
  const page = await openWindow(app);
  const kinds = await page.evaluate(async () => {
    const cyclic: Record<string, unknown> = { at: new Date(0), map: new Map([[1, new Set(['a'])]]), none: undefined };
    cyclic['self'] = cyclic;
    cyclic['bytes'] = new Uint8Array([1, 2, 3]);
    const back = (await window.fixture.echo(cyclic)) as typeof cyclic;
    return [
      back['self'] === back,
      (back['at'] as Date).getTime(),
      (back['map'] as Map<number, Set<string>>).get(1)?.has('a'),
      (back['bytes'] as Uint8Array).join(),
      'none' in back,
    ];
  });
  expect(kinds).toEqual([true, 0, true, '1,2,3', true]);
  expect(await app.evaluate(() => globalThis.fixture.seen.senders)).toEqual(['app://bundle/index.html']);

  const about = 'An object could not be cloned.';
  expect(await refusal(page, () => window.fixture.sendFunction())).toContain(about);
  expect(await refusal(page, () => window.fixture.call('uncloneable'))).toContain(about);
  const thrown = "Error invoking remote method 'fails': RangeError: too far";
  expect(await refusal(page, () => window.fixture.call('fails'))).toContain(thrown);
  expect(await refusal(page, () => window.fixture.call('none'))).toContain("No handler registered for 'none'");

  const sending = app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.webContents.send('told', 'hello');
    window?.webContents.send('told', () => 'never');
  });
  await expect(sending).rejects.toThrow(about);
  await expect(page.getByRole('status')).toHaveText('hello');
});

test('isolates the preload: the page sees what was exposed and nothing else', async ({ app }) => {
  const page = await openWindow(app);
  expect(await page.evaluate(() => window.fixture.addOne(1))).toBe(2);
  expect(await page.evaluate(() => window.fixture.mapped([1, 2], (value) => value * 10))).toEqual([10, 20]);
  expect(await page.evaluate(() => Object.isFrozen(window.fixture))).toBe(true);
  expect(await page.evaluate(() => window.fixture.globals)).toEqual(['undefined', 'undefined']);
  expect(await page.evaluate(() => window.fixture.requireOf('node:fs'))).toBe('module not found: node:fs');
  const leaked = await page.evaluate(() => Object.keys(globalThis).filter((key) => /double|electron|ipc/i.test(key)));
  expect(leaked).toEqual([]);
  expect(await page.evaluate(() => ['require', 'process', 'Buffer'].filter((key) => key in globalThis))).toEqual([]);
});

test('enforces what the app forbids: content policy, navigation, new windows, permissions', async ({ app }) => {
  const page = await openWindow(app);
  const directive = page.evaluate(() => {
    const { promise, resolve } = Promise.withResolvers<string>();
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.intruder = true';
    document.body.append(script);
    return promise;
  });
  expect(await directive).toBe('script-src-elem');

  // Refused only when the request has come that far: the same page answers on afterwards.
  const refused = page.waitForEvent('requestfailed');
  await page.evaluate(() => void (location.href = 'https://elsewhere.test/'));
  expect((await refused).url()).toBe('https://elsewhere.test/');
  const address = app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());
  expect(await address).toBe('app://bundle/index.html');

  await page.evaluate(() => void window.open('https://docs.test/'));
  await expect.poll(() => app.evaluate(() => globalThis.__electronDouble.opened)).toEqual(['https://docs.test/']);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);

  expect(await refusal(page, () => navigator.mediaDevices.getUserMedia({ audio: true }))).toContain('NotAllowedError');
  expect(await app.evaluate(() => globalThis.fixture.seen.permissions)).toEqual(['media']);
});

test('refuses by name what it does not play, and what Electron refuses', async ({ app }) => {
  const attempts = await app.evaluate((electron) => {
    const { app, BrowserWindow, ipcMain, protocol } = electron;
    const unknown = (owner: object, name: string): unknown => (owner as Record<string, unknown>)[name];
    const words = (attempt: () => unknown): string => {
      try {
        return `allowed: ${String(attempt())}`;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const window = globalThis.fixture.openWindow();
    window.destroy();
    return [
      words(() => unknown(app, 'getJumpListSettings')),
      words(() => unknown(new electron.Notification(), 'reply')),
      words(() => unknown(BrowserWindow, 'fromBrowserView')),
      words(() => ipcMain.handle('echo', () => undefined)),
      words(() => protocol.registerSchemesAsPrivileged([])),
      words(() => globalThis.fixture.openWindow({ sandbox: false })),
      words(() => globalThis.fixture.openWindow({ nodeIntegration: true })),
      words(() => window.show()),
      words(() => new electron.Tray('absent.png')),
    ];
  });
  expect(attempts).toEqual([
    'electron-double: app.getJumpListSettings is not implemented',
    'electron-double: Notification.reply is not implemented',
    'electron-double: BrowserWindow.fromBrowserView is not implemented',
    "Attempted to register a second handler for 'echo'",
    'protocol.registerSchemesAsPrivileged should be called before app is ready',
    'electron-double: webPreferences.sandbox = false weakens the window and is refused',
    'electron-double: webPreferences.nodeIntegration = true weakens the window and is refused',
    'Object has been destroyed',
    "Failed to load image from path 'absent.png'",
  ]);
});

test('plays the system: power, theme, network, secrets, login item, clipboard', async ({ app }) => {
  const page = await openWindow(app);
  const isDark = (): Promise<boolean> => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  for (const event of ['suspend', 'resume', 'lock-screen', 'unlock-screen'] as const) await tellPower(app, event);
  expect(await app.evaluate(() => globalThis.fixture.seen.power)).toHaveLength(4);

  await app.evaluate(({ nativeTheme }) => void (nativeTheme.themeSource = 'dark'));
  await expect.poll(isDark).toBe(true);
  await app.evaluate(({ nativeTheme }) => void (nativeTheme.themeSource = 'system'));
  await expect.poll(isDark).toBe(false);
  await app.evaluate(() => globalThis.__electronDouble.setSystemDark(true));
  await expect.poll(isDark).toBe(true);

  await app.evaluate(() => globalThis.__electronDouble.setOnline(false));
  expect(await app.evaluate(({ net }) => net.isOnline())).toBe(false);
  await expect.poll(() => page.evaluate(() => navigator.onLine)).toBe(false);

  const kept = await app.evaluate(async ({ app, clipboard, safeStorage }) => {
    const sealed = safeStorage.encryptString('secret');
    app.setLoginItemSettings({ openAtLogin: true });
    await clipboard.writeText('copied');
    return [
      sealed.includes('secret'),
      safeStorage.decryptString(sealed),
      app.getLoginItemSettings().openAtLogin,
      await clipboard.readText(),
    ];
  });
  expect(kept).toEqual([false, 'secret', true, 'copied']);
});

test('keeps the storage of partitions apart', async ({ app }) => {
  const open = async (partition: string): Promise<Page> => {
    const opened = app.waitForEvent('window');
    await app.evaluate(({ session }, name) => {
      const headers = { 'content-type': 'text/html' };
      const answer = (): Response => new Response('<p role=status>ready', { headers });
      session.fromPartition(name).protocol.handle('app', answer);
      globalThis.fixture.openWindow({ partition: name });
    }, partition);
    const page = await opened;
    await expect(page.getByRole('status')).toHaveText('ready');
    return page;
  };
  const [one, two] = [await open('one'), await open('two')];
  await one.evaluate(() => localStorage.setItem('who', 'one'));
  expect(await two.evaluate(() => localStorage.getItem('who'))).toBeNull();
});

test('runs a utility process with messages and output of its own', async ({ app }) => {
  expect(await app.evaluate(() => globalThis.fixture.startWorker())).toEqual({ type: 'utility', sum: 42 });
  expect(await app.evaluate(() => globalThis.fixture.seen.workerOutput)).toBe('worker started\n');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
  const sending = app.evaluate(() => globalThis.fixture.seen.worker.postMessage({ run: () => undefined }));
  await expect(sending).rejects.toThrow('could not be cloned');
});

test('lets one instance run: a second one hands over its arguments and ends', async ({ app, home }) => {
  const { file, args, env } = electronCommand({ ...start(home), args: ['gangway://add'] });
  const second = spawn(file, args, { env, cwd: home, stdio: 'ignore' });
  expect(await once(second, 'exit')).toEqual([0, null]);
  const greetings = await app.evaluate(() => globalThis.fixture.seen.greetings);
  expect(greetings).toEqual([{ link: 'gangway://add', cwd: home, data: { hello: 'first' } }]);
});

test('quits when the app has cleaned up, and leaves no process and no profile', async ({ home }) => {
  test.skip(!hasProc, NO_PROC);
  const { app, pids } = await startWithEverything(home);
  await app.close();
  await waitUntilGone(pids, 0);
  expect(await profilesOf(pids)).toEqual([]);
});

test('leaves no process and no profile when it is killed', async ({ home }) => {
  test.skip(!hasProc, NO_PROC);
  const { app, pids } = await startWithEverything(home);
  const gone = once(app.process(), 'exit');
  app.process().kill('SIGKILL');
  await gone;
  await waitUntilGone(pids);
  expect(await profilesOf(pids)).toEqual([]);
});

test('ends, and leaves nothing, when its tester is killed', async ({ home }) => {
  test.skip(!hasProc, NO_PROC);
  const script = `
    const { launch } = await import(${JSON.stringify(join(import.meta.dirname, '../launch.ts'))});
    const app = await launch(${JSON.stringify(start(home))});
    process.stdout.write(String(app.process().pid));`;
  const tester = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(tester.stdout, 'data')) as [Buffer];
  const pid = Number(String(text));
  const pids = [pid, ...(await descendants(pid)).map((entry) => entry.pid)];
  expect(pids.length).toBeGreaterThan(3);
  tester.kill('SIGKILL');
  await waitUntilGone(pids);
  expect(await profilesOf(pids)).toEqual([]);
});

test('ends with its Chromium, as one program', async ({ home }) => {
  test.skip(!hasProc, NO_PROC);
  const { app, pids } = await startWithEverything(home);
  const gone = once(app.process(), 'exit');
  const [keeper] = (await descendants(app.process().pid)).filter(({ command }) => command.includes('chromium-keeper'));
  process.kill(keeper?.pid ?? 0, 'SIGKILL');
  expect(await gone).toEqual([null, 'SIGKILL']);
  await waitUntilGone(pids);
  for (const name of await profilesOf(pids)) await rm(join(tmpdir(), name), { recursive: true });
});

/** A tray, a window, a utility process, and the ids of all processes that belong to them. */
async function startWithEverything(home: string): Promise<{ app: ElectronApplication; pids: number[] }> {
  const app = await launch(start(home));
  await openWindow(app);
  await app.evaluate(() => globalThis.fixture.startWorker());
  const own = app.process().pid ?? 0;
  const children = await descendants(own);
  const commands = children.map(({ command }) => command).join('\n');
  expect(commands).toContain('worker.mjs');
  expect(commands).toContain('--type=renderer');
  expect(await profilesOf([own])).toHaveLength(1);
  return { app, pids: [own, ...children.map(({ pid }) => pid)] };
}

/** Profiles carry the id of the process they belong to. */
async function profilesOf(pids: readonly number[]): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => pids.some((pid) => name.startsWith(`edouble-profile-${pid}-`)));
}
