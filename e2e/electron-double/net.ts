import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { controls } from './controls.ts';
import { readiness } from './readiness.ts';
import { Session } from './session.ts';
import { strict } from './strict.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export const net = strict<Electron.Net>('net', {
  isOnline: () => controls.state.online,
  get online() {
    return controls.state.online;
  },
  fetch: async (input, init) => {
    readiness.require('net.fetch can only be used after app is ready');
    const request = new Request(input, init);
    const scheme = new URL(request.url).protocol.slice(0, -1);
    if (scheme === 'file') return readFileUrl(request.url);
    const handler = Session.of('').protocolHandlers.get(scheme);
    if (handler !== undefined && init?.bypassCustomProtocolHandlers !== true) return handler(request);
    if (!controls.state.online) throw new Error('net::ERR_INTERNET_DISCONNECTED');
    return globalThis.fetch(request);
  },
});

/** Electron's `net.fetch` reads files, which Node's `fetch` does not. */
async function readFileUrl(url: string): Promise<Response> {
  const path = fileURLToPath(url);
  const type = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
  try {
    return new Response(await readFile(path), { headers: { 'content-type': type } });
  } catch (error) {
    throw new Error('net::ERR_FILE_NOT_FOUND', { cause: error });
  }
}
