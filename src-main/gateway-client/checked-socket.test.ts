import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';

import { AppError, type ErrorInfo } from '../contract/errors.ts';
import { awaitChallenge } from './challenge.ts';
import { openGatewaySession } from './gateway-session.ts';

/** P-256, made out for `gateway.test`, self-signed, valid until 2056. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIUPdffLsBXX7JarTcbPkUlzmCz8XgwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZ2F0ZXdheS50ZXN0MCAXDTI2MTEyMzEwMzMxMFoYDzIwNTYx
MTE1MTAzMzEwWjAXMRUwEwYDVQQDDAxnYXRld2F5LnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQvAEt4Bhq2XRipf2YcTe7jej9vVuvquBvIpMhAInG+Rx4c
0vXw5kImONJRdkkasD0xQNDSNMzfu2XjoWdGId/0o1MwUTAdBgNVHQ4EFgQUHnyg
W/9MY6kpAAAy/rPbFtDwNRowHwYDVR0jBBgwFoAUHnygW/9MY6kpAAAy/rPbFtDw
NRowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA1xs0QVZ+PXoj
vc2fnoM7u2B+nw2ebrwa8CT1KUqdijICIQCuWqFcegPMHzE8G6lCo6BB3R14NiG0
DP4IW7bFwf3W1g==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJDAKQvQ+oFthAFEN
XLjVWbbVX5O0x2HEbuUwGmhgFmqhRANCAAQvAEt4Bhq2XRipf2YcTe7jej9vVuvq
uBvIpMhAInG+Rx4c0vXw5kImONJRdkkasD0xQNDSNMzfu2XjoWdGId/0
-----END PRIVATE KEY-----
`;
const FINGERPRINT = '51:DB:48:21:28:E8:7B:C2:42:D1:E9:27:10:29:70:11:CA:FB:A3:01:3C:5A:DE:FF:DC:26:AE:2C:BE:74:78:D2';
const OTHER = FINGERPRINT.replace(/^../, (first) => (first === 'AB' ? 'CD' : 'AB'));

let server: Server;
let upgrader: WebSocketServer;
let url: string;
/** What clients sent after the handshake. */
let heard: string[];
beforeEach(async () => {
  heard = [];
  server = createServer({ cert: CERT, key: KEY });
  upgrader = new WebSocketServer({ server });
  upgrader.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
    socket.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of upgrader.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const never = new AbortController().signal;

async function fault(tlsFingerprint: string | undefined): Promise<ErrorInfo | undefined> {
  const session = openGatewaySession(
    {
      url,
      tlsFingerprint,
      gateway: 'Studio',
      secret: 'the-token-of-studio',
      version: '1',
      platform: 'linux',
      computer: 'laptop',
      onEvent: () => {},
    },
    never,
  );
  const error: unknown = await session.catch((reason: unknown) => reason);
  return error instanceof AppError ? error.info : undefined;
}

it('goes on with the pinned certificate, though nobody vouches for it', async () => {
  await expect(awaitChallenge({ url, gateway: 'Studio', tlsFingerprint: FINGERPRINT }, never)).resolves.toBeUndefined();
});

it('tells the fingerprint of what nobody vouches for, and sends nothing', async () => {
  const problem = 'it is not signed by anybody this computer trusts';
  expect(await fault(undefined)).toEqual({
    code: 'gateway/certificate-invalid',
    params: { url, problem, fingerprint: FINGERPRINT },
  });
  expect([heard, upgrader.clients.size]).toEqual([[], 0]);
});

it('stops at another certificate than the pinned one, and sends nothing', async () => {
  expect(await fault(OTHER)).toEqual({
    code: 'gateway/certificate-changed',
    params: { url, fingerprint: FINGERPRINT, pinned: OTHER },
  });
  expect([heard, upgrader.clients.size]).toEqual([[], 0]);
});
