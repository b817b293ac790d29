import type { createConnection } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

import { WebSocket } from 'ws';

import { connectChecked } from '../platform/checked-tls.ts';
import { lookupPrivate } from './plaintext.ts';

/**
 * Opens a WebSocket; without `wss:` only to what no router of the internet passes on. With `wss:` only to a server that is
 * believed. `pin`: SHA-256 of its certificate, `AB:CD:…`.
 */
export function checkedSocket(url: string, pin: string | undefined, maxPayload: number): WebSocket {
  const options = { maxPayload, perMessageDeflate: false };
  if (!url.startsWith('wss:')) return new WebSocket(url, { ...options, lookup: lookupPrivate });
  const connect = (to: ConnectionOptions) => connectChecked(to, pin);
  // ws calls it with the options of `tls.connect`; its types name the other function that fits here.
  return new WebSocket(url, { ...options, createConnection: connect as unknown as typeof createConnection });
}
