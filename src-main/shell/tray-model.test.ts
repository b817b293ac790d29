import { expect, it } from 'vitest';

import { describeError, type ErrorInfo } from '../contract/errors.ts';
import { LOCAL_GATEWAY, type GatewayView, type Snapshot } from '../contract/snapshot.ts';
import { renderTray } from './render-tray.ts';
import { at, failed, laptop, NOW_MS, snapshotOf, studio, up, vps, waiting } from './testing/snapshots.ts';
import { ASKS_MENUS } from './testing/asks-menus.ts';
import { FAILED_MENUS } from './testing/failed-menus.ts';
import { UP_MENUS } from './testing/up-menus.ts';
import { WAITING_MENUS } from './testing/waiting-menus.ts';
import { trayModel } from './tray-model.ts';

const DAY_MS = 86_400_000;

const CONTEXT = { nowMs: NOW_MS, platform: 'darwin' } as const;

const drawn = (snapshot: Snapshot): string => renderTray(trayModel(snapshot, CONTEXT));

/** The first section of the menu and the two facts above it: all that differs from one state to another. */
function status(gateway: GatewayView): string {
  return drawn(snapshotOf(gateway.id === LOCAL_GATEWAY ? [gateway] : [laptop(), gateway])).split('\n---')[0] ?? '';
}

it('draws the whole menu of a healthy remote gateway', () => {
  const snapshot = snapshotOf([laptop(), studio(), vps()], undefined, {
    events: [
      {
        id: 2,
        atMs: at(14, 3),
        gateway: undefined,
        status: 'connected',
        text: 'Studio: back',
        why: 'After: no answer',
      },
      {
        id: 1,
        atMs: at(9, 0, 1) - DAY_MS,
        gateway: undefined,
        status: 'off',
        text: 'Studio switched off',
        why: undefined,
      },
    ],
  });
  expect(drawn(snapshot)).toBe(
    `
icon: connected
tooltip: Gangway — Studio: connected
· Studio: connected
· Over SSH to me@studio:22, since 14:03, 23 ms
---
  This laptop — off [CmdOrCtrl+1]
✓ Studio — 23 ms [CmdOrCtrl+2]
  Frankfurt VPS — off [CmdOrCtrl+3]
---
· This computer reaches Studio over SSH
---
  Open Control UI [CmdOrCtrl+O]
  Copy URL [Shift+CmdOrCtrl+C]
---
› Mode: Remote over SSH
      Local
    ✓ Remote over SSH
      Remote direct
      Off
› Recent events
    · 14:03:00  Studio: back. After: no answer
    · 21 Nov, 09:00:01  Studio switched off
---
  Quit Gangway [CmdOrCtrl+Q]
`.trim(),
  );
});

it('draws the whole menu when everything is switched off and nothing was added yet', () => {
  expect(drawn(snapshotOf([laptop()]))).toBe(
    `
icon: off
tooltip: Gangway — off
· Off
· Switched off: no gateway runs here and none is connected
---
  This laptop — off [CmdOrCtrl+1]
---
· Nobody can reach a gateway through this computer
---
  Open Control UI [CmdOrCtrl+O]
· Copy URL [Shift+CmdOrCtrl+C]
---
› Mode: Off
      Local
      Remote over SSH: add a gateway…
      Remote direct: add a gateway…
    ✓ Off
› Recent events
    · Nothing has happened since the start
---
  Quit Gangway [CmdOrCtrl+Q]
`.trim(),
  );
});

it.each(UP_MENUS)('says $name', ({ gateway, text }) => {
  expect(status(gateway)).toBe(text.trim());
});

it.each(WAITING_MENUS)('while it waits, says that $name', ({ cause, text }) => {
  expect(status(studio(waiting(cause)))).toBe(text.trim());
});

it.each(ASKS_MENUS)('when it asks, leads to the window because $name', ({ gateway, text }) => {
  expect(status(gateway)).toBe(text.trim());
});

it('lets a gateway that is not in use ask as well', () => {
  const asking = ASKS_MENUS[0]?.gateway ?? studio();
  const { items, icon } = trayModel(snapshotOf([laptop(up(1)), asking], LOCAL_GATEWAY), CONTEXT);
  expect(icon).toBe('failed');
  const trouble = items.find((item) => item.type === 'submenu' && item.id === 'trouble:studio');
  const command = { type: 'open-window', route: '/gateways' };
  expect(trouble).toMatchObject({ items: [{ id: 'answer:studio', command }, { type: 'label' }] });
});

it.each(FAILED_MENUS)('when it has stopped, says that $name', ({ gateway, text }) => {
  expect(status(gateway)).toBe(text.trim());
});

it('never shows a state without its reason', () => {
  for (const { cause } of WAITING_MENUS) {
    for (const state of [waiting(cause), failed(cause)]) {
      expect(status(studio(state)).replaceAll('\n· ', ' ')).toContain(describeError(cause).body);
    }
  }
});

it('explains trouble of a gateway that is wanted but not in use, because it sets the icon', () => {
  const cause: ErrorInfo = { code: 'ssh/connection-lost', params: { host: 'studio' } };
  const snapshot = snapshotOf([laptop(up(0.4)), studio(waiting(cause))], LOCAL_GATEWAY);
  expect(drawn(snapshot).split('\n').slice(0, 14)).toEqual([
    'icon: waiting',
    'tooltip: Gangway — This laptop: connected; Studio: waiting. The line to studio was lost',
    '· This laptop: connected',
    '· On this computer, port 18789, since 14:03, under 1 ms',
    '---',
    '› Studio: waiting',
    '    · The line to studio was lost',
    '    · studio stopped answering or closed the connection.',
    '    · Gangway keeps trying by itself, and at once when the network',
    '    · changes.',
    '    · Over SSH to me@studio:22, down since 14:35',
    '    · Next try at 14:36:12',
    '      Try now',
    '---',
  ]);
});

it('counts down to nothing where a gateway waits for an address of this computer', () => {
  const text = drawn(snapshotOf([laptop(waiting({ code: 'gateway/no-tailnet-address', params: {} }))], LOCAL_GATEWAY));
  expect(text).toContain('The gateway waits for a tailnet address');
  expect(text).not.toMatch(/Try now|Next try|Trying/);
});

it('says who can reach every gateway that runs, the one in use first', () => {
  const text = drawn(snapshotOf([laptop(up(1)), studio()], studio().id));
  expect(text).toContain('· This computer reaches Studio over SSH\n· Only this computer can reach this gateway\n');
});

it('shows what is wrong with the settings, with the place and the file', () => {
  const fault: ErrorInfo = {
    code: 'settings/key-invalid',
    params: { file: '/User/me/.gangway/settings.json', line: 4, key: 'local.port', expected: 'a port number' },
  };
  expect(drawn(snapshotOf([laptop(up(1))], LOCAL_GATEWAY, { problems: [fault] }))).toContain(
    `
---
› The setting “local.port” is not valid
    · /User/me/.gangway/settings.json, line 4: “local.port” should be a port number.
    · The default is used; the file was not changed.
    · Mend that line.
      Show the file
---`.trimStart(),
  );
});

it('offers every gateway of a kind when there are several', () => {
  const second = studio({ status: 'off' }, { id: 'home' as GatewayView['id'], name: 'Home server' });
  expect(drawn(snapshotOf([laptop(), studio(), second]))).toContain(
    `
      Local
    › Remote over SSH
        ✓ Studio
          Home server
      Remote direct: add a gateway…
      Off`.trimStart(),
  );
});

it('draws names from elsewhere as one harmless line', () => {
  const name = 'Stu\u202Edio\n---\u0007 & Sons';
  expect(status(studio(up(5), { name }))).toContain('· Stu dio --- & Sons: connected\n');
});

it('keeps ten events and gives shortcuts to nine gateways', () => {
  const events = Array.from({ length: 12 }, (_, id) => ({
    id,
    atMs: NOW_MS,
    gateway: undefined,
    status: 'off' as const,
    text: `event ${id}`,
    why: undefined,
  }));
  const many = Array.from({ length: 11 }, (_, n) => studio(up(1), { id: `s${n}` as GatewayView['id'] }));
  const text = drawn(snapshotOf(many, undefined, { events }));
  expect(text.match(/event \d+/g)).toHaveLength(10);
  expect(text.match(/CmdOrCtrl\+\d/g)).toHaveLength(9);
});
