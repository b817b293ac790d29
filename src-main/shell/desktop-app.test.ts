import type * as Electron from 'electron';
import { expect, expectTypeOf, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { answerCall } from '../supervisor/answer.ts';
import { runDesktop } from './desktop-app.ts';
import type { ElectronApi } from './electron-api.ts';
import { FakeElectron } from './testing/fake-electron.ts';
import { FakeSupervisor } from './testing/fake-supervisor.ts';
import { ASKS_MENUS } from './testing/asks-menus.ts';
import { laptop, snapshotOf, studio, up } from './testing/snapshots.ts';

interface Given {
  readonly openAtStart?: boolean;
  readonly platform?: NodeJS.Platform;
  readonly isSecond?: boolean;
  readonly hasNoTray?: boolean;
  readonly broken?: Error;
}

async function setUp({ openAtStart = false, platform = 'linux', broken, ...desktop }: Given = {}) {
  const fake = Object.assign(new FakeElectron(), desktop);
  const clock = new FakeClock();
  const api = new FakeSupervisor(snapshotOf([laptop(), studio(up(23))]));
  const running = runDesktop(fake.api, {
    clock,
    log: nullLogger,
    platform,
    files: { renderer: 'out/renderer', preload: 'out/preload/index.cjs', resources: 'resources' },
    createApi: async () => {
      fake.log.push('create');
      if (broken !== undefined) throw broken;
      return api;
    },
    answer: answerCall,
    openAtStart,
  });
  const atLaunch = [...fake.log];
  fake.appEvents.emit('ready');
  fake.ready();
  await running;
  return { fake, api, clock, atLaunch };
}

it('fits the real module', () => {
  expectTypeOf<typeof Electron>().toExtend<ElectronApi>();
});

it('tells once that a gateway asks, unless the window is there to show it', async () => {
  const { fake, api } = await setUp();
  const asking = ASKS_MENUS[0]?.gateway ?? studio();
  api.show({ gateways: [laptop(), asking] });
  api.show({ gateways: [laptop(), asking] });
  expect(fake.notices).toEqual(['Studio asks for the passphrase of id_ed25519']);
  expect(fake.windows).toHaveLength(0);
  fake.noticeClicks[0]?.();
  fake.windows[0]?.show();
  api.show({ gateways: [laptop(), studio(up(1))] });
  api.show({ gateways: [laptop(), asking] });
  expect(fake.notices).toHaveLength(1);
  fake.windows[0]?.hide();
  api.show({ gateways: [laptop(), studio(up(1))] });
  api.show({ gateways: [laptop(), asking] });
  expect(fake.notices).toHaveLength(2);
});

it('takes the single place before it touches anything', async () => {
  const { atLaunch, api } = await setUp();
  expect(atLaunch).toEqual(['lock', 'schemes']);
  expect(api.asked).toEqual(['start']);
});

it('hands over and leaves when another one runs', async () => {
  const { fake, api } = await setUp({ isSecond: true });
  expect(fake.log).toEqual(['lock', 'quit']);
  expect([api.asked, fake.trays, fake.windows]).toEqual([[], [], []]);
});

it('lives in the tray and opens no window by itself', async () => {
  const { fake } = await setUp();
  expect([fake.trays[0]?.toolTip, fake.windows.length]).toEqual(['Gangway — Studio: connected', 0]);
  expect([...fake.schemes.keys()]).toEqual(['app']);
  expect(fake.log).toEqual(expect.arrayContaining(['permission requests', 'permission checks', 'device permissions']));
});

it.each([
  ['asked to', { openAtStart: true }],
  ['there is no tray', { hasNoTray: true }],
])('opens the window at the start when %s', async (_why, given) => {
  const { fake } = await setUp(given);
  expect(fake.windows[0]?.urls).toEqual(['app://gangway/index.html#/']);
});

it('quits with the window when there is no tray to come back from', async () => {
  const { fake, api } = await setUp({ hasNoTray: true });
  fake.windows[0]?.close();
  await settle();
  expect([api.asked.at(-1), fake.exits]).toEqual(['stop', [0]]);
});

it('opens the window when the app is started a second time', async () => {
  const { fake } = await setUp();
  fake.appEvents.emit('second-instance');
  expect(fake.windows).toHaveLength(1);
});

it('has no menu of Electron, and none of its developer tools', async () => {
  expect((await setUp()).fake.appMenu).toBeNull();
  const roles = (await setUp({ platform: 'darwin' })).fake.appMenu as unknown as { items: { role: string }[] };
  expect(roles.items.map(({ role }) => role)).toEqual(['appMenu', 'editMenu', 'windowMenu']);
});

it('is in the dock of macOS only while its window is open', async () => {
  const { fake } = await setUp({ platform: 'darwin', openAtStart: true });
  fake.windows[0]?.drawn();
  fake.windows[0]?.close();
  expect(fake.policies).toEqual(['accessory', 'regular', 'accessory']);
});

it('redraws the tray and the title with every change', async () => {
  const { fake, api } = await setUp({ openAtStart: true });
  api.show({ use: undefined });
  expect([fake.trays[0]?.toolTip, fake.windows[0]?.title]).toEqual(['Gangway — off', 'Gangway']);
});

it('carries out what is chosen in the tray', async () => {
  const { fake, api } = await setUp();
  const tray = fake.trays[0];
  tray?.menu.click('mode:local');
  tray?.menu.click('mode:off');
  tray?.menu.click('copy-url');
  tray?.menu.click('mode:direct');
  await settle();
  expect(api.asked).toEqual(['start', 'gateway.use {"id":"local"}', 'gateway.off undefined']);
  expect(fake.clipboardText).toBe('ws://127.0.0.1:18789');
  expect(fake.windows[0]?.urls).toEqual(['app://gangway/index.html#/gateways']);
});

it('says why a choice in the tray could not be carried out', async () => {
  const { fake, api } = await setUp();
  api.failures.set(
    'gateway.off',
    fail('app/file-unwritable', { file: 'settings.json', reason: 'the disk is read-only' }),
  );
  fake.trays[0]?.menu.click('mode:off');
  await settle();
  expect(fake.boxes[0]).toMatch(/^A file could not be written: settings\.json: the disk is read-only\./);
});

it('tells the supervisor of sleep and of waking up', async () => {
  const { fake, api } = await setUp();
  fake.powerEvents.emit('suspend');
  fake.powerEvents.emit('resume');
  expect(api.asked).toEqual(['start', 'suspend', 'resume']);
});

it('ends only when everything is closed, and once', async () => {
  const { fake, api, clock } = await setUp({ openAtStart: true });
  const events = [fake.quit(), fake.quit()];
  expect(fake.exits).toEqual([]);
  await settle();
  expect(events.every(({ defaultPrevented }) => defaultPrevented)).toBe(true);
  expect([api.asked, fake.exits]).toEqual([['start', 'stop'], [0]]);
  expect([fake.ipcMain.listeners.size, api.listenerCount, clock.pendingTimers]).toEqual([0, 0, 0]);
  expect([fake.trays[0]?.isDestroyed, fake.windows[0]?.isDestroyed()]).toEqual([true, true]);
});

it('ends in ten seconds even when something hangs', async () => {
  const { fake, api, clock } = await setUp();
  api.stop = () => new Promise(() => undefined);
  fake.quit();
  await clock.advance(10_000);
  expect(fake.exits).toEqual([1]);
});

it('says why it cannot start and leaves nothing running', async () => {
  const { fake } = await setUp({ broken: fail('app/already-running', { pid: 4127 }) });
  expect(fake.boxes[0]).toMatch(/^Gangway is already running: Process 4127/);
  expect([fake.exits, fake.trays.length]).toEqual([[1], 0]);
});
