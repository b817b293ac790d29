import { expect, test, type Page } from '@playwright/test';

import type { CallName, CallResult, Calls } from '../../src-main/contract/calls.ts';
import type { TestReport } from '../../src-main/contract/connection-test.ts';
import type { Snapshot } from '../../src-main/contract/snapshot.ts';
import { NOW } from './fixtures.ts';
import { serveRenderer, type RendererServer } from './renderer-server.ts';

export type Answers = { readonly [C in CallName]?: CallResult<C> };

export interface MadeCall {
  readonly name: CallName;
  readonly input: Calls[CallName]['input'];
}

interface TestBridge {
  readonly made: MadeCall[];
  push(next: Snapshot): void;
  /** Tells of the test that was started last, and answers it when it has ended. */
  progress(report: Omit<TestReport, 'run'>): void;
}

declare global {
  interface Window {
    testBridge: TestBridge;
    violations: string[];
  }
}

/** Serves the page for the tests of one file. */
export function useRenderer(): { readonly url: () => string; readonly server: () => RendererServer } {
  let server: RendererServer | undefined;
  const running = (): RendererServer => {
    if (server === undefined) throw new TypeError('only inside of a test');
    return server;
  };
  test.beforeAll(async () => {
    server = await serveRenderer();
  });
  test.afterAll(() => running().close());
  return { url: () => running().url, server: running };
}

/** The states are looked at in one time zone, at one moment. */
export const PLACE = { timezoneId: 'UTC', locale: 'en-GB' } as const;

/** Whatever the browser complains about while a test runs. Call `expectNone` at its end. */
export function watchFaults(page: Page): { expectNone(): Promise<void> } {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  return {
    expectNone: async () => {
      faults.push(...(await page.evaluate(() => window.violations)));
      expect(faults).toEqual([]);
    },
  };
}

/** Records breaches of the content security policy from the first byte on. */
export async function watchPolicy(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
}

export interface Opening {
  readonly url: string;
  /** Absent: the app never answers. */
  readonly snapshot?: Snapshot;
  readonly answers?: Answers;
  /** Calls that are never answered. */
  readonly silent?: readonly CallName[];
  /** `#/gateways`. */
  readonly place?: string;
}

/** Opens the page as a window of the app, on a bridge that answers from the fixture. */
export async function openApp(
  page: Page,
  { url, snapshot, answers = {}, silent = [], place = '' }: Opening,
): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await watchPolicy(page);
  await page.addInitScript(installBridge, { snapshot, answers, silent });
  await page.goto(`${url}/${place}`);
}

interface Installed {
  readonly snapshot: Snapshot | undefined;
  readonly answers: Answers;
  readonly silent: readonly CallName[];
}

function installBridge({ snapshot, answers, silent }: Installed): void {
  const listeners = new Set<(next: Snapshot) => void>();
  const testListeners = new Set<(report: TestReport) => void>();
  let test = { run: '', end: (_report: TestReport): void => undefined };
  const made: MadeCall[] = [];
  let current = snapshot;
  Object.assign(window, {
    testBridge: {
      made,
      push: (next: Snapshot) => {
        current = next;
        for (const listener of listeners) listener(next);
      },
      progress: (part: Omit<TestReport, 'run'>) => {
        const report = { run: test.run, ...part };
        for (const listener of testListeners) listener(report);
        if (report.status !== 'running') test.end(report);
      },
    },
    bridge: {
      surface: 'app',
      call: async (name: CallName, input: Calls[CallName]['input']) => {
        if (name !== 'snapshot.get') made.push({ name, input });
        if (silent.includes(name)) return new Promise(() => {});
        const answer = answers[name];
        if (answer !== undefined) return answer;
        if (name === 'test.run') {
          const { run } = input as Calls['test.run']['input'];
          return new Promise((resolve) => (test = { run, end: (value) => resolve({ ok: true, value }) }));
        }
        if (name === 'snapshot.get' && current === undefined) return new Promise(() => {});
        if (name === 'snapshot.get') return { ok: true, value: current };
        return { ok: true, value: name === 'gateway.add' ? { id: 'g-added' } : undefined };
      },
      listen: (name: string, listener: never) => {
        const those: Set<unknown> = name === 'snapshot.changed' ? listeners : testListeners;
        those.add(listener);
        return () => those.delete(listener);
      },
    },
  });
}

export function madeCalls(page: Page): Promise<MadeCall[]> {
  return page.evaluate(() => window.testBridge.made);
}

/** The supervisor tells of a change. */
export async function push(page: Page, next: Snapshot): Promise<void> {
  await page.evaluate((told) => window.testBridge.push(told), next);
}

/** A step of the test that runs has ended, or the test itself. */
export async function progress(page: Page, report: Omit<TestReport, 'run'>): Promise<void> {
  await page.evaluate((told) => window.testBridge.progress(told), report);
}

/** Nothing is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const main = document.querySelector('main');
    return {
      page: document.documentElement.scrollWidth - room,
      main: main === null ? 0 : main.scrollWidth - main.clientWidth,
      // Told apart, so that a failure names who is too wide.
      who: [...document.querySelectorAll<HTMLElement>('body *')]
        .filter((element) => element.checkVisibility() && !element.closest('.sr, .skip, svg'))
        .filter((element) => element.getBoundingClientRect().right > room + 1)
        .map((element) => `${element.tagName}.${element.className}`),
    };
  });
  expect(wide).toEqual({ page: 0, main: 0, who: [] });
}
