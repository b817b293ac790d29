import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { FakeClock } from '../platform/testing/fake-clock.ts';
import { FakeElectron } from './testing/fake-electron.ts';
import type { FakeTray } from './testing/fake-tray.ts';
import { laptop, NOW_MS, snapshotOf, studio, up } from './testing/snapshots.ts';
import { trayIconFile } from './tray-icons.ts';
import type { TrayCommand, TrayIcon } from './tray-item.ts';
import { trayModel } from './tray-model.ts';
import { TrayDrawer } from './tray.ts';

const RESOURCES = fileURLToPath(new URL('../../resources', import.meta.url));

function setUp(platform: NodeJS.Platform = 'linux') {
  const fake = new FakeElectron();
  fake.ready();
  const clock = new FakeClock();
  const commands: TrayCommand[] = [];
  const clicks: string[] = [];
  const drawer = new TrayDrawer({
    electron: fake.api,
    clock,
    platform,
    resources: RESOURCES,
    onCommand: (command) => commands.push(command),
    onClick: () => clicks.push('click'),
  });
  const draw = (latencyMs: number): void =>
    drawer.draw(trayModel(snapshotOf([laptop(), studio(up(latencyMs))]), { nowMs: NOW_MS, platform }));
  return { tray: fake.trays[0] as FakeTray, drawer, draw, clock, commands, clicks };
}

it('draws the menu once for states that look the same', () => {
  const { tray, draw } = setUp();
  draw(20);
  draw(20.2);
  draw(31);
  expect(tray.menus).toHaveLength(2);
  expect(tray.images).toHaveLength(2);
  expect(tray.toolTip).toBe('Gangway — Studio: connected');
});

it('never rebuilds a menu that is open, and draws the newest state when it closes', () => {
  const { tray, draw, clock } = setUp();
  draw(20);
  tray.menu.emit('menu-will-show');
  draw(30);
  draw(40);
  expect(tray.menus).toHaveLength(1);
  tray.menu.emit('menu-will-close');
  expect(tray.menus).toHaveLength(2);
  expect(JSON.stringify(tray.menu.items)).toContain('Studio — 40 ms');
  expect(clock.pendingTimers).toBe(0);
});

it('takes a menu for closed after a minute, because not every desktop says so', async () => {
  const { tray, draw, clock } = setUp();
  draw(20);
  tray.menu.emit('menu-will-show');
  draw(30);
  await clock.advance(60_000);
  expect(tray.menus).toHaveLength(2);
});

it('hands over the command of a clicked item and sets the check mark back to the truth', () => {
  const { tray, draw, commands } = setUp();
  draw(20);
  tray.menu.click('use:local');
  expect(commands).toEqual([{ type: 'call', call: { name: 'gateway.use', input: { id: 'local' } } }]);
  expect(tray.menu.items.find(({ id }) => id === 'use:local')?.checked).toBe(false);
});

it('keeps an ampersand in a name', () => {
  const { tray, drawer } = setUp();
  const snapshot = snapshotOf([studio(up(1), { name: 'You & me' })]);
  drawer.draw(trayModel(snapshot, { nowMs: NOW_MS, platform: 'linux' }));
  expect(tray.menu.items[0]?.label).toBe('You && me: connected');
});

it('leaves no timer behind', () => {
  const { tray, drawer, draw, clock } = setUp();
  draw(20);
  tray.menu.emit('menu-will-show');
  drawer.remove();
  expect([tray.isDestroyed, clock.pendingTimers]).toEqual([true, 0]);
});

it.each([
  ['darwin', []],
  ['win32', ['click']],
  ['linux', ['click']],
] as const)('on %s a left click does what is usual there', (platform, expected) => {
  const { tray, clicks } = setUp(platform);
  tray.emit('click');
  expect(clicks).toEqual(expected);
});

it.each(['darwin', 'win32', 'linux'] as const)(
  'has a picture of every state for %s, also for dense screens',
  (platform) => {
    for (const icon of ['connected', 'connecting', 'waiting', 'failed', 'off'] satisfies TrayIcon[]) {
      const file = trayIconFile(icon, { resources: RESOURCES, platform });
      expect([existsSync(file), existsSync(file.replace('.png', '@2x.png'))]).toEqual([true, true]);
    }
  },
);
