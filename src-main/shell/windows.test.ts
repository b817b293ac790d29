import { expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { FakeElectron } from './testing/fake-electron.ts';
import type { FakeWindow } from './testing/fake-window.ts';
import { WindowKeeper } from './windows.ts';

function setUp(onClose: 'hide' | 'quit' = 'hide') {
  const fake = new FakeElectron();
  fake.ready();
  const clock = new FakeClock(1_000_000);
  const visible: boolean[] = [];
  const keeper = new WindowKeeper({
    electron: fake.api,
    clock,
    log: nullLogger,
    preload: 'preload.cjs',
    icon: 'icon.png',
    onClose,
    onVisible: (isVisible) => visible.push(isVisible),
    quit: () => void fake.quit(),
  });
  const opened = (): FakeWindow => {
    keeper.open();
    const window = fake.windows.at(-1) as FakeWindow;
    window.drawn();
    return window;
  };
  return { fake, clock, keeper, visible, opened };
}

it('opens a window of the designed size that can do nothing a web page cannot', () => {
  const { opened } = setUp();
  expect(opened().options).toMatchObject({
    width: 1120,
    height: 720,
    minWidth: 420,
    minHeight: 480,
    backgroundColor: '#edf0f2',
    webPreferences: {
      preload: 'preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    },
  });
});

it('shows the window only when there is something to see', () => {
  const { fake, keeper } = setUp();
  keeper.open('/gateways');
  const [window] = fake.windows;
  expect([window?.isVisible(), window?.urls]).toEqual([false, ['app://gangway/index.html#/gateways']]);
  window?.drawn();
  expect(window?.isVisible()).toBe(true);
});

it('hides on close, and brings the same window back where it was or elsewhere', () => {
  const { fake, keeper, visible, opened } = setUp();
  const window = opened();
  window.close();
  keeper.open();
  expect([fake.windows.length, window.isVisible(), window.urls.length]).toEqual([1, true, 1]);
  keeper.open('/gateways');
  expect(window.urls.at(-1)).toBe('app://gangway/index.html#/gateways');
  expect(visible).toEqual([true, false, true]);
});

it('quits on close where there is no tray', () => {
  const { fake, opened } = setUp('quit');
  opened().close();
  expect(fake.log).toContain('quit');
});

it('is named after the gateway in use, whatever the page calls itself', () => {
  const { keeper, opened } = setUp();
  keeper.setGateway('Studio');
  const window = opened();
  expect(window.title).toBe('Studio — Gangway');
  let isPrevented = false;
  window.emit('page-title-updated', { preventDefault: () => (isPrevented = true) });
  keeper.setGateway(undefined);
  expect([window.title, isPrevented]).toEqual(['Gangway', true]);
});

it('opens a page that crashed once more, but not in a loop', async () => {
  const { fake, clock, opened } = setUp();
  const crash = (window: FakeWindow): unknown =>
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
  crash(opened());
  expect(fake.windows).toHaveLength(2);
  (fake.windows[1] as FakeWindow).drawn();
  await clock.advance(10_000);
  crash(fake.windows[1] as FakeWindow);
  expect(fake.windows).toHaveLength(2);
});

it('has nobody to send to once the window is gone, and opens none any more', () => {
  const { fake, keeper, opened } = setUp();
  const window = opened();
  expect(keeper.live).toEqual([window.webContents]);
  keeper.close();
  keeper.open();
  expect([keeper.live, window.isDestroyed(), fake.windows.length]).toEqual([[], true, 1]);
});
