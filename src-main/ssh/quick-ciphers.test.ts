import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import { GcmPacketCipher } from './gcm-packet-cipher.ts';
import { GcmPacketDecipher } from './gcm-packet-decipher.ts';
import { quickenCiphers } from './quick-ciphers.ts';
import { startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';

async function signedIn(client: ssh2.Client, server: PrivateSshd): Promise<void> {
  client.on('error', () => {});
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.connect({
      host: '127.0.0.1',
      port: server.port,
      username: server.user,
      privateKey: readFileSync(server.identityFile),
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
  });
}

async function ended(client: ssh2.Client): Promise<void> {
  const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)));
  client.end();
  await closed;
}

async function startEcho(): Promise<Server> {
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  return echo;
}

it('finds the ciphers where this version of ssh2 keeps them', async () => {
  const server = await startPrivateSshd();
  const client = new ssh2.Client();
  await signedIn(client, server);
  const { _protocol: protocol } = client as unknown as {
    _protocol: { _cipher: unknown; _decipher: unknown; _kexinit: unknown };
  };
  expect(quickenCiphers(client)).toEqual({ keepsNothing: true });
  expect(protocol._cipher).toBeInstanceOf(GcmPacketCipher);
  expect(protocol._decipher).toBeInstanceOf(GcmPacketDecipher);
  expect('_kexinit' in protocol).toBe(true);
  await ended(client);
  await server.stop();
});

it('talks in small pieces across key exchanges', async () => {
  const server = await startPrivateSshd(['RekeyLimit 64K']);
  const echo = await startEcho();
  const client = new ssh2.Client();
  let keyExchanges = 0;
  client.on('handshake', () => {
    keyExchanges += 1;
    quickenCiphers(client);
  });
  await signedIn(client, server);
  const { port } = echo.address() as AddressInfo;
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  for (let pieces = 0; pieces < 2_000; pieces += 1) {
    const piece = randomBytes(randomInt(1, 400));
    channel.write(piece);
    let heard = Buffer.alloc(0);
    while (heard.length < piece.length) {
      const [more] = (await once(channel, 'data')) as [Buffer];
      heard = Buffer.concat([heard, more]);
    }
    expect(heard.equals(piece)).toBe(true);
  }
  expect(keyExchanges).toBeGreaterThan(3);
  await ended(client);
  echo.close();
  await server.stop();
});

it('carries every byte across many key exchanges', async () => {
  const server = await startPrivateSshd(['RekeyLimit 1M']);
  const echo = await startEcho();
  const machine = { homeDir: '/nonexistent', userName: 'ann', agentSocket: undefined, platform: process.platform };
  const dialer = new Dialer(
    {
      target: server.target,
      remoteHost: '127.0.0.1',
      remotePort: (echo.address() as AddressInfo).port,
      identityFile: server.identityFile,
      knownHostsFile: server.knownHostsFile,
      sshConfigFile: server.emptyConfigFile,
      acceptNewHostKey: false,
    },
    { clock: realClock, files: realFiles, runner: realRunner, log: nullLogger, machine },
  );
  const connection = await dialer.dial({
    signal: new AbortController().signal,
    connectTimeoutMs: 5_000,
    pace: 'kernel',
    afresh: true,
    onResolved: () => {},
  });
  const channel = await connection.openChannel({ address: '127.0.0.1', port: 0 });
  const sent = Buffer.alloc(12 * 1024 * 1024, 'gangway');
  const received: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => received.push(chunk));
  channel.end(sent);
  await new Promise((resolve) => channel.once('end', resolve));
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  await connection.close();
  echo.close();
  await server.stop();
});
