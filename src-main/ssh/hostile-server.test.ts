import { generateKeyPairSync } from 'node:crypto';
import { connect, type AddressInfo } from 'node:net';

import ssh2, { type Connection } from 'ssh2';
import { expect, it } from 'vitest';

import { SshConnection } from './ssh-connection.ts';
import { realClock } from './testing/real-ports.ts';

const MIB = 1024 * 1024;
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** A server that lets anybody in and sends on every channel without a look at the window. */
async function startFlood(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const flood = (client: Connection): void => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => attempt.accept());
    client.on('tcpip', (accept) => {
      const channel = accept() as unknown as { readonly outgoing: { readonly id: number } };
      const { _protocol: protocol } = client as unknown as {
        readonly _protocol: { channelData(id: number, data: Buffer): void };
      };
      const chunk = Buffer.alloc(30_000);
      for (let sent = 0; sent < 16 * MIB; sent += chunk.length) protocol.channelData(channel.outgoing.id, chunk);
    });
  };
  const server = new ssh2.Server({ hostKeys: [privateKey] }, flood);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

// ssh2 by itself keeps whatever comes (mscdex/ssh2#1505).
it('gives up a server that sends more than it may, instead of keeping it all', async () => {
  const server = await startFlood();
  const socket = connect(server.port, '127.0.0.1');
  const client = new ssh2.Client();
  client.on('error', () => {});
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.connect({ sock: socket, username: 'ann', password: 'any' });
  });
  const description = { host: 'flood', port: server.port, user: 'ann', signedInWith: undefined };
  const remote = { host: '127.0.0.1', port: 1 };
  const connection = new SshConnection({ client, socket, below: undefined, description, remote, clock: realClock });
  const channel = await connection.openChannel({ address: '127.0.0.1', port: 0 });
  expect((await connection.lost).info.code).toBe('ssh/connection-lost');
  // Two windows: one that waits to be read, and one that ssh2 allows beside it.
  expect(channel.readableLength).toBeLessThanOrEqual(4 * MIB + 64 * 1024);
  await connection.close();
  await server.close();
});
