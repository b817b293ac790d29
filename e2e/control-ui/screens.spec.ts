import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test, type Page } from '@playwright/test';

import {
  type Answers,
  expectNoSidewaysScroll,
  openApp,
  PLACE,
  progress,
  useRenderer,
  watchFaults,
} from './control-ui.ts';
import * as exposure from './exposure-fixtures.ts';
import * as states from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();
const FOLDER = fileURLToPath(new URL('../../test-results/screens/control-ui', import.meta.url));

interface Screen {
  readonly snapshot: ReturnType<typeof states.snapshot>;
  readonly place?: string;
  readonly answers?: Answers;
  readonly then?: (page: Page) => Promise<void>;
}

const press =
  (name: string) =>
  (page: Page): Promise<void> =>
    page.getByRole('button', { name }).first().click();

const testing =
  (report: ReturnType<typeof states.testReport>) =>
  async (page: Page): Promise<void> => {
    await press('Test connection')(page);
    await progress(page, report);
  };

const planned = (value: ReturnType<typeof exposure.planOf>): Answers => ({ 'exposure.plan': { ok: true, value } });

const choosing =
  (mode: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('radiogroup', { name: 'Tailscale' }).getByText(mode).click();
    await expect(page.getByRole('heading', { name: 'What will change' })).toBeVisible();
    await expect(page.getByText('Looking at Tailscale')).toHaveCount(0);
  };

const SCREENS: Readonly<Record<string, Screen>> = {
  overview: { snapshot: states.snapshot() },
  'overview-forwards': { snapshot: states.withForwards() },
  'dialog-forward': { snapshot: states.withForwards([]), then: press('Add port') },
  'overview-local': { snapshot: states.onThisComputer },
  'overview-connecting': { snapshot: states.connecting },
  'overview-waiting': { snapshot: states.waiting },
  'overview-locked-out': { snapshot: states.lockedOut },
  'overview-token': { snapshot: states.tokenRefused },
  'overview-port': { snapshot: states.gatewayThere },
  'overview-off': { snapshot: states.off },
  'overview-empty': { snapshot: states.empty },
  'overview-problems': { snapshot: states.withProblems },
  picker: { snapshot: states.snapshot(), then: press('Gateway: Studio') },
  'dialog-trust': { snapshot: states.hostKeyUnknown, then: press('Compare the fingerprint') },
  'dialog-changed': { snapshot: states.hostKeyChanged, then: press('Compare the keys') },
  'dialog-changed-compared': {
    snapshot: states.hostKeyChanged,
    then: async (page) => {
      await press('Compare the keys')(page);
      await page.getByRole('checkbox', { name: /I compared/ }).check();
    },
  },
  'dialog-certified': { snapshot: states.hostKeyCertified, then: press('Compare the fingerprint') },
  'test-running': { snapshot: states.snapshot(), then: testing(states.testReport(3)) },
  'test-well': { snapshot: states.snapshot(), then: testing(states.testReport(9)) },
  'test-failed': {
    snapshot: states.hostKeyUnknown,
    then: testing(states.testReport(2, states.causeIn(states.hostKeyUnknown))),
  },
  'test-draft': {
    snapshot: states.snapshot(),
    place: '#/gateways',
    then: async (page) => {
      await press('Add gateway')(page);
      await page.getByRole('textbox', { name: 'Computer' }).fill('studio');
      await page.getByRole('button', { name: 'Test connection' }).click();
      await progress(page, states.testReport(7, states.causeIn(states.tokenRefused)));
    },
  },
  'dialog-certificate': { snapshot: states.certificateUnknown, then: press('Compare the certificate') },
  'dialog-certificate-changed': { snapshot: states.certificateChanged, then: press('Compare the certificate') },
  'dialog-network': { snapshot: states.notEncrypted, then: press('Trust that network') },
  'dialog-token': { snapshot: states.tokenRefused, then: press('Enter the token') },
  'dialog-pickup': {
    snapshot: states.tokenRefused,
    answers: { 'pickup.plan': { ok: true, value: states.pickupPlan } },
    then: async (page) => {
      await press('Get the token over SSH')(page);
      await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(2);
    },
  },
  'dialog-pickup-failed': {
    snapshot: states.tokenRefused,
    answers: {
      'pickup.plan': { ok: true, value: states.pickupPlan },
      'pickup.run': {
        ok: false,
        error: { code: 'gateway/pickup-failed', params: { gateway: 'Studio', host: 'studio', reason: 'no-program' } },
      },
    },
    then: async (page) => {
      await press('Get the token over SSH')(page);
      await page.getByRole('button', { name: 'Get the token', exact: true }).click();
      await expect(page.getByText('Neither gangway')).toBeVisible();
    },
  },
  'dialog-approve': {
    snapshot: states.unapproved,
    answers: { 'pickup.plan': { ok: true, value: states.approvalPlan } },
    then: async (page) => {
      await press('Approve over SSH')(page);
      await expect(page.getByText('This device', { exact: true })).toBeVisible();
    },
  },
  'dialog-port': { snapshot: states.portTaken, then: press('Another port') },
  'dialog-key': { snapshot: states.keyRefused, then: press('Choose another key') },
  'overview-exposed': { snapshot: exposure.serve },
  'overview-public': { snapshot: exposure.funnel },
  exposure: { snapshot: exposure.closed, place: '#/exposure' },
  'exposure-serve': {
    snapshot: exposure.serve,
    place: '#/exposure',
    answers: { 'exposure.devices': { ok: true, value: exposure.devices } },
  },
  'exposure-no-address': { snapshot: exposure.withoutAddress, place: '#/exposure' },
  'overview-no-address': { snapshot: exposure.withoutAddress },
  'exposure-clock-back': { snapshot: exposure.closedByClock, place: '#/exposure' },
  'exposure-planned': {
    snapshot: exposure.serve,
    place: '#/exposure',
    answers: planned(exposure.planOf(exposure.everyFix.wish, { secret: exposure.needsPassword })),
    then: choosing('Funnel: the internet'),
  },
  'exposure-plan-off': {
    snapshot: exposure.serve,
    place: '#/exposure',
    answers: planned(exposure.planOf({ mode: 'off', port: 443, untilMs: undefined })),
    then: choosing('Off'),
  },
  'exposure-faults': {
    snapshot: exposure.closed,
    place: '#/exposure',
    answers: planned(exposure.everyFix),
    then: choosing('Funnel: the internet'),
  },
  'exposure-not-installed': {
    snapshot: exposure.closed,
    place: '#/exposure',
    answers: planned(exposure.notInstalled),
    then: choosing('Serve: my tailnet'),
  },
  'exposure-public': { snapshot: exposure.funnel, place: '#/exposure' },
  'exposure-public-stays': { snapshot: exposure.funnelForEver, place: '#/exposure' },
  'exposure-undo': { snapshot: exposure.closedWithUndo, place: '#/exposure' },
  'exposure-opening': { snapshot: exposure.opening, place: '#/exposure' },
  'exposure-lost': { snapshot: exposure.serveLost, place: '#/exposure' },
  'exposure-failed': { snapshot: exposure.serveFailed, place: '#/exposure' },
  'exposure-bind': { snapshot: exposure.boundToTailnet, place: '#/exposure' },
  'exposure-none': { snapshot: states.off, place: '#/exposure' },
  'dialog-password': {
    snapshot: exposure.serve,
    place: '#/exposure',
    answers: planned(exposure.planOf(exposure.everyFix.wish, { secret: exposure.needsPassword })),
    then: async (page) => {
      await choosing('Funnel: the internet')(page);
      await press('Set a password')(page);
    },
  },
  gateways: { snapshot: states.snapshot(), place: '#/gateways' },
  'gateways-failed': { snapshot: states.tokenRefused, place: '#/gateways' },
  'gateways-empty': { snapshot: states.empty, place: '#/gateways' },
  'gateways-add': {
    snapshot: states.snapshot(),
    place: '#/gateways',
    then: async (page) => {
      await press('Add gateway')(page);
      await page.keyboard.press('Enter');
    },
  },
  'gateways-remove': { snapshot: states.snapshot(), place: '#/gateways', then: press('Remove Studio') },
};

/** 560 px is what a window of 1120 px has at 200 % zoom. */
const WIDTHS = [1120, 560, 420, 320] as const;

test.beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

for (const [name, { snapshot, place = '', answers = {}, then }] of Object.entries(SCREENS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${name} fits at every width and breaks no rule, ${colorScheme}`, async ({ page }) => {
      const faults = watchFaults(page);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1120, height: 840 });
      await openApp(page, { url: renderer.url(), snapshot, place, answers });
      await expect(page.getByRole('main')).toBeVisible();
      await then?.(page);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width === 1120 ? 840 : 900 });
        await expectNoSidewaysScroll(page);
        if (width !== 560) await page.screenshot({ path: `${FOLDER}/${name}-${width}-${colorScheme}.png` });
      }
      await faults.expectNone();
    });
  }
}

test('text of twice the size neither clips nor scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 1120, height: 840 });
  for (const snapshot of [states.snapshot(), states.waiting]) {
    await openApp(page, { url: renderer.url(), snapshot });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    await expectNoSidewaysScroll(page);
  }
  await page.screenshot({ path: `${FOLDER}/overview-waiting-text200.png` });
});
