import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { isAppPage } from './app-address.ts';
import type { GuardedContents } from './electron-api.ts';
import { externalLink } from './external-links.ts';
import { guardContents } from './guard-contents.ts';
import { isGranted } from './permissions.ts';
import { FakeEvent } from './testing/fake-event.ts';

class Contents extends EventEmitter {
  open: Parameters<GuardedContents['setWindowOpenHandler']>[0] | undefined;

  setWindowOpenHandler(handler: Parameters<GuardedContents['setWindowOpenHandler']>[0]): void {
    this.open = handler;
  }

  /** Whether the page stays where it is. */
  stays(event: string, details: object): boolean {
    const fake = Object.assign(new FakeEvent(), details);
    this.emit(event, fake);
    return fake.defaultPrevented;
  }
}

function setUp() {
  const contents = new Contents();
  const opened: string[] = [];
  guardContents(contents, { openExternal: async (url) => void opened.push(url), log: nullLogger });
  return { contents, opened };
}

it.each([
  ['app://gangway/index.html#/gateways', false],
  ['app://gangway/assets/x.svg', true],
  ['https://evil.example/', true],
  ['file:///etc/passwd', true],
  ['data:text/html,hello', true],
])('a step of the page to %s is prevented: %s', (url, isPrevented) => {
  const { contents } = setUp();
  expect(contents.stays('will-navigate', { url, isMainFrame: true })).toBe(isPrevented);
  expect(contents.stays('will-redirect', { url, isMainFrame: true })).toBe(isPrevented);
});

it('lets an embedded frame go nowhere, not even to our own page', () => {
  const { contents } = setUp();
  const details = { url: 'app://gangway/index.html', isMainFrame: false };
  expect(contents.stays('will-frame-navigate', details)).toBe(true);
  expect(contents.stays('will-redirect', details)).toBe(true);
});

it('hands a followed link to a known site to the browser once', () => {
  const { contents, opened } = setUp();
  const details = { url: 'https://docs.openclaw.ai/', isMainFrame: true };
  contents.stays('will-frame-navigate', details);
  contents.stays('will-navigate', details);
  expect(opened).toEqual(['https://docs.openclaw.ai/']);
});

it('opens no window, and hands a known site to the browser instead', () => {
  const { contents, opened } = setUp();
  const open = (url: string) => contents.open?.({ url } as Parameters<NonNullable<typeof contents.open>>[0]);
  expect(open('https://docs.openclaw.ai/start')).toEqual({ action: 'deny' });
  expect(open('https://evil.example/')).toEqual({ action: 'deny' });
  expect(opened).toEqual(['https://docs.openclaw.ai/start']);
});

it('attaches no foreign page', () => {
  expect(setUp().contents.stays('will-attach-webview', {})).toBe(true);
});

it.each([
  ['https://github.com/openclaw/openclaw', 'https://github.com/openclaw/openclaw'],
  ['https://login.tailscale.com/admin', 'https://login.tailscale.com/admin'],
  ['http://github.com/', undefined],
  ['https://github.com:8443/', undefined],
  ['https://me:pw@github.com/', undefined],
  ['https://github.com.evil.example/', undefined],
  ['https://sub.github.com/', undefined],
  ['file:///etc/passwd', undefined],
  ['javascript:alert(1)', undefined],
  ['smb://github.com/share', undefined],
  ['ms-msdt:/id', undefined],
  ['not an address', undefined],
])('%s leads to %s in the browser', (address, expected) => {
  expect(externalLink(address)).toBe(expected);
});

it.each([
  ['clipboard-sanitized-write', 'app://gangway/', true],
  ['clipboard-sanitized-write', 'app://gangway/index.html#/', true],
  ['clipboard-sanitized-write', 'https://evil.example/', false],
  ['clipboard-sanitized-write', '', false],
  ['clipboard-read', 'app://gangway/', false],
  ['media', 'app://gangway/', false],
  ['display-capture', 'app://gangway/', false],
  ['notifications', 'app://gangway/', false],
  ['openExternal', 'app://gangway/', false],
  ['fileSystem', 'app://gangway/', false],
  ['local-network-access', 'app://gangway/', false],
])('permission %s for %s is %s', (permission, origin, expected) => {
  expect(isGranted(permission, origin)).toBe(expected);
});

it.each([
  ['app://gangway/index.html', true],
  ['app://gangway/index.html#/gateways/studio', true],
  ['app://gangway/index.html?x=1', false],
  ['app://gangway/other.html', false],
  ['app://gangway:1/index.html', false],
  ['app://gangwayx/index.html', false],
  ['APP://gangway/index.html', true],
  ['appx://gangway/index.html', false],
  ['https://gangway/index.html', false],
  ['', false],
])('%s is our page: %s', (address, expected) => {
  expect(isAppPage(address)).toBe(expected);
});
