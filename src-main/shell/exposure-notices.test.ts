import { expect, it } from 'vitest';

import { LOCAL_GATEWAY, type GatewayView } from '../contract/snapshot.ts';
import { ExposureNotices } from './exposure-notices.ts';
import { closed, notOpen, opened } from './testing/exposures.ts';
import { at, laptop, snapshotOf } from './testing/snapshots.ts';

function setUp() {
  const told: string[] = [];
  const clicks: (() => void)[] = [];
  let opens = 0;
  class Notification {
    static isSupported = (): boolean => true;
    readonly #options: { readonly title?: string; readonly body?: string };
    constructor(options: { readonly title?: string; readonly body?: string }) {
      this.#options = options;
    }
    on(_event: 'click', listener: () => void): void {
      clicks.push(listener);
    }
    show(): void {
      told.push(`${this.#options.title}: ${this.#options.body}`);
    }
  }
  const notices = new ExposureNotices({ electron: { Notification }, openWindow: () => (opens += 1) });
  const follow = (gateway: GatewayView, nowMs: number): void =>
    notices.follow(snapshotOf([gateway], LOCAL_GATEWAY), nowMs);
  return { told, clicks, follow, opens: () => opens };
}

const stopped = { code: 'tailscale/stopped', params: {} } as const;

it('tells that a Funnel closed on time, once, and leads to where it can be opened again', () => {
  const { told, clicks, follow, opens } = setUp();
  follow(opened('funnel'), at(14, 36));
  expect(told).toEqual([]);
  follow(closed(), at(15, 4));
  follow(closed(), at(15, 5));
  expect(told).toEqual(['Funnel closed on time: Only this computer can reach this gateway.']);
  clicks[0]?.();
  expect(opens()).toBe(1);
});

it('says nothing about one that a person closed', () => {
  const { told, follow } = setUp();
  follow(opened('funnel'), at(14, 36));
  follow(closed(), at(14, 50));
  follow(closed(), at(15, 10));
  expect(told).toEqual([]);
});

it('says nothing while nothing is known, and remembers the end meanwhile', () => {
  const { told, follow } = setUp();
  follow(opened('funnel'), at(14, 36));
  follow(laptop(), at(15, 4));
  expect(told).toEqual([]);
  follow(opened('serve'), at(15, 4, 2));
  expect(told).toHaveLength(1);
});

it('tells of a loss that lasts a minute, once, and again after it was open', () => {
  const { told, follow } = setUp();
  follow(notOpen('waiting', stopped), at(14, 30, 20));
  expect(told).toEqual([]);
  follow(notOpen('waiting', stopped), at(14, 31));
  follow(notOpen('waiting', stopped), at(14, 40));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^Serve is not open: Tailscale is switched off\. Connect it/);
  follow(opened('serve'), at(14, 41));
  follow(notOpen('failed', { code: 'tailscale/port-taken', params: { port: 443, holder: undefined } }), at(14, 42));
  expect(told).toHaveLength(2);
});
