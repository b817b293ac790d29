import type { Request as PageRequest, Route } from 'playwright-core';

import { toCarried, toOriginal } from './custom-schemes.ts';
import { openWindows } from './open-windows.ts';
import { preventableEvent } from './preventable-event.ts';
import type { Session } from './session.ts';
import type { WebContents } from './web-contents.ts';

interface Details {
  readonly id: number;
  readonly url: string;
  readonly method: string;
  readonly resourceType: string;
  readonly webContentsId: number | undefined;
  readonly webContents: WebContents | undefined;
  readonly referrer: string;
  readonly timestamp: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string[]>;
  readonly body: Buffer;
}

let lastId = 0;

/**
 * Takes one request of Chromium through what the app has set on the session: navigation events, the
 * stages of `webRequest`, protocol handlers.
 */
export async function carryRequest(session: Session, route: Route): Promise<void> {
  const request = route.request();
  const contents = contentsOf(request);
  if (isRefusedPopup(request, contents)) return route.abort('aborted');
  if (isForbiddenNavigation(request, contents)) return route.abort('aborted');
  const details = detailsOf(request, contents);

  const before = await session.requestListeners.ask('onBeforeRequest', details);
  if (before.cancel === true) return route.abort('blockedbyclient');
  if (before.redirectURL !== undefined) {
    return route.fulfill({ status: 307, headers: { location: toCarried(before.redirectURL) } });
  }
  const sent = { ...details, requestHeaders: request.headers() };
  const sending = await session.requestListeners.ask('onBeforeSendHeaders', sent);
  if (sending.cancel === true) return route.abort('blockedbyclient');
  return answer(session, route, { ...details, headers: sending.requestHeaders ?? sent.requestHeaders });
}

async function answer(
  session: Session,
  route: Route,
  details: Details & { readonly headers: Record<string, string> },
): Promise<void> {
  const { requestListeners } = session;
  const { headers, ...seen } = details;
  const isHandled = session.protocolHandlers.has(schemeOf(details.url));
  // Untouched responses go straight through, so that endless ones (server-sent events) work.
  if (!isHandled && !requestListeners.wants('onHeadersReceived', details.url)) return route.continue({ headers });
  const received = isHandled ? await handle(session, route, details) : await fetchFor(route, headers);
  const verdict = await requestListeners.ask('onHeadersReceived', {
    ...seen,
    statusCode: received.status,
    statusLine: `HTTP/1.1 ${received.status}`,
    responseHeaders: received.headers,
  } as Details);
  if (verdict.cancel === true) return route.abort('blockedbyclient');
  const shown = flatHeaders(verdict.responseHeaders ?? received.headers);
  await route.fulfill({ status: received.status, headers: shown, body: received.body });
  requestListeners.tell({ ...seen, statusCode: received.status, fromCache: false } as Details);
}

async function handle(
  session: Session,
  route: Route,
  { url, method, headers }: Details & { readonly headers: Record<string, string> },
): Promise<Answer> {
  const handler = session.protocolHandlers.get(schemeOf(url));
  if (handler === undefined) throw new Error(`no handler for ${url}`);
  const body = ['GET', 'HEAD'].includes(method) ? null : new Uint8Array(route.request().postDataBuffer() ?? []);
  const response = await handler(new Request(url, { method, headers, body }));
  return {
    status: response.status,
    headers: groupHeaders([...response.headers]),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

async function fetchFor(route: Route, headers: Record<string, string>): Promise<Answer> {
  const response = await route.fetch({ headers, maxRedirects: 0 });
  return {
    status: response.status(),
    headers: groupHeaders(response.headersArray().map(({ name, value }): [string, string] => [name, value])),
    body: await response.body(),
  };
}

function contentsOf(request: PageRequest): WebContents | undefined {
  if (request.serviceWorker() !== null) return undefined;
  const page = request.frame().page();
  return [...openWindows.contents].find((contents) => contents.page === page);
}

function isRefusedPopup(request: PageRequest, contents: WebContents | undefined): boolean {
  if (contents !== undefined || !request.isNavigationRequest()) return false;
  const page = request.frame().page();
  return [...openWindows.contents].some(({ popups }) => popups.has(page));
}

function isForbiddenNavigation(request: PageRequest, contents: WebContents | undefined): boolean {
  if (contents === undefined || !request.isNavigationRequest()) return false;
  const isMainFrame = request.frame().parentFrame() === null;
  if (isMainFrame && contents.takeExpected(request.url())) return false;
  const url = toOriginal(request.url());
  const event = preventableEvent({ url, isMainFrame, isSameDocument: false, frame: null, initiator: null });
  contents.emit('will-frame-navigate', event);
  if (isMainFrame && !event.defaultPrevented) contents.emit('will-navigate', event, url);
  return event.defaultPrevented;
}

function detailsOf(request: PageRequest, contents: WebContents | undefined): Details {
  const isMainFrame = contents !== undefined && request.isNavigationRequest() && request.frame().parentFrame() === null;
  lastId += 1;
  return {
    id: lastId,
    url: toOriginal(request.url()),
    method: request.method(),
    resourceType: isMainFrame ? 'mainFrame' : request.resourceType(),
    webContentsId: contents?.id,
    webContents: contents,
    referrer: '',
    timestamp: Date.now(),
  };
}

function schemeOf(url: string): string {
  return new URL(url).protocol.slice(0, -1);
}

function groupHeaders(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const [name, value] of pairs) (grouped[name] ??= []).push(value);
  return grouped;
}

/** Header names are compared without case, by the app as by Chromium: the last spelling wins. */
function flatHeaders(headers: Record<string, string | string[]>): Record<string, string> {
  const flat = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')] as const);
  return Object.fromEntries(flat);
}
