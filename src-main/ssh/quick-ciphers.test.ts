import { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { nullLogger } from '../platform/testing/null-logger.ts';
import { Dialer } from './dialer.ts';
import { GcmPacketCipher } from './gcm-packet-cipher.ts';
import { quickenCiphers } from './quick-ciphers.ts';
import { startPrivateSshd } from './testing/private-sshd.ts';
import { realClock, realFiles, realRunner } from './testing/real-ports.ts';

it('finds the ciphers where this version of ssh2 keeps them', async () => {
  const server = await startPrivateSshd();
  const client = new ssh2.Client();
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
  const { _protocol: protocol } = client as unknown as {
    _protocol: { _cipher: unknown; _decipher: { _decipherKey: unknown }; _kexinit: unknown };
  };
  expect(quickenCiphers(client)).toEqual({ keepsNothing: true });
  expect(protocol._cipher).toBeInstanceOf(GcmPacketCipher);
  expect(protocol._decipher._decipherKey).toBeInstanceOf(KeyObject);
  expect('_kexinit' in protocol).toBe(true);
  const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)));
  client.end();
  await closed;
  await server.stop();
});

it('carries every byte across many key exchanges', async () => {
  const server = await startPrivateSshd(['RekeyLimit 1M']);
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
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
