import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { systemErrorCode } from '../platform/system-error.ts';
import { isAppUrl } from './app-address.ts';

/** No inline code, no `eval`, nothing from elsewhere. `data:` images are what the bundler makes of small drawings. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "frame-src 'none'",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** Nothing but these belongs to a built page. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Parts of a path as the bundler names them: no hidden files, no `..`, no drive, stream or separator of any system. */
const SAFE_PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/;

/** Serves a folder as `app://gangway/`. */
export function createAppProtocol(folder: string): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET' && method !== 'HEAD') return empty(405);
    const path = isAppUrl(url) ? decodedPath(url) : undefined;
    if (path === undefined || !SAFE_PATH.test(path)) return empty(403);
    const type = TYPES[extname(path)];
    const body = type === undefined ? undefined : await fileBytes(join(folder, path));
    if (type === undefined || body === undefined) return empty(404);
    return new Response(method === 'HEAD' ? null : body, { headers: { ...HEADERS, 'content-type': type } });
  };
}

function decodedPath(url: string): string | undefined {
  const { pathname } = new URL(url);
  if (pathname === '/' || pathname === '') return '/index.html';
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

async function fileBytes(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function empty(status: 403 | 404 | 405): Response {
  return new Response(null, { status, headers: HEADERS });
}
