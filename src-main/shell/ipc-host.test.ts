import { expect, it } from 'vitest';

import { CALLS } from '../contract/calls.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { answerCall } from '../supervisor/answer.ts';
import { isAppPage } from './app-address.ts';
import { createIpcHost, type Answer, type NoticeTarget } from './ipc-host.ts';
import { FakeIpcMain } from './testing/fake-ipc-main.ts';
import { FakeSupervisor } from './testing/fake-supervisor.ts';
import { laptop, snapshotOf, up } from './testing/snapshots.ts';

const OURS = { url: 'app://gangway/index.html#/gateways' };

function setUp() {
  const ipcMain = new FakeIpcMain();
  const clock = new FakeClock();
  const api = new FakeSupervisor(snapshotOf([laptop(up(1))]));
  const sent: number[] = [];
  const windows: NoticeTarget[] = [
    { send: (_channel, snapshot: { revision: number }) => sent.push(snapshot.revision) },
  ];
  const answer: Answer = answerCall;
  const host = createIpcHost({
    ipcMain,
    api,
    answer,
    trusted: isAppPage,
    targets: () => windows,
    clock,
    log: nullLogger,
  });
  return { ipcMain, clock, api, sent, windows, host };
}

it('answers a call from our own page', async () => {
  const { ipcMain, api } = setUp();
  expect(await ipcMain.invokeFrom(OURS, 'gateway.use', { id: 'local' })).toEqual({ ok: true, value: undefined });
  expect(api.asked).toEqual(['gateway.use {"id":"local"}']);
});

it.each([
  ['another site', { url: 'https://evil.example/index.html' }],
  ['another host of our scheme', { url: 'app://evil/index.html' }],
  ['another file of our own', { url: 'app://gangway/assets/picture.svg' }],
  ['a name that only begins like ours', { url: 'app://gangway.evil/index.html' }],
  ['a page in a frame', { url: OURS.url, parent: {} }],
  ['an empty page', { url: 'about:blank' }],
  ['a frame that is gone', undefined],
])('refuses %s and asks nobody', async (_who, frame) => {
  const { ipcMain, api } = setUp();
  await expect(ipcMain.invokeFrom(frame, 'gateway.off')).rejects.toThrow('window of the app');
  expect(api.asked).toEqual([]);
});

it('opens exactly the calls that are meant for windows', () => {
  const { ipcMain } = setUp();
  const open = Object.entries(CALLS).filter(([, { window }]) => window);
  expect([...ipcMain.listeners.keys()]).toEqual(open.map(([name]) => name));
  expect(ipcMain.listeners.has('gateway.env')).toBe(false);
});

it('sends back a refusal as data', async () => {
  const { ipcMain } = setUp();
  expect(await ipcMain.invokeFrom(OURS, 'gateway.use', { id: 'local', extra: 1 })).toMatchObject({
    ok: false,
    error: { code: 'app/input-invalid' },
  });
});

it('pushes at most one snapshot in 100 ms, and the newest one last', async () => {
  const { api, clock, sent } = setUp();
  for (let n = 0; n < 5; n += 1) api.show({});
  expect(sent).toEqual([2]);
  await clock.advance(100);
  expect(sent).toEqual([2, 6]);
  await clock.advance(100);
  api.show({});
  expect(sent).toEqual([2, 6, 7]);
});

it('asks for the windows at the moment of sending', async () => {
  const { api, clock, sent, windows } = setUp();
  api.show({});
  api.show({});
  windows.pop();
  await clock.advance(100);
  expect(sent).toEqual([2]);
});

it('withdraws everything', () => {
  const { ipcMain, api, clock, host } = setUp();
  api.show({});
  api.show({});
  host.close();
  expect([ipcMain.listeners.size, api.listenerCount, clock.pendingTimers]).toEqual([0, 0, 0]);
});
