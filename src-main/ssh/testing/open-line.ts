import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import ssh2 from 'ssh2';

import type { Clock } from '../../platform/ports.ts';
import { SshConnection } from '../ssh-connection.ts';
import type { PrivateSshd } from './private-sshd.ts';
import { realClock } from './real-ports.ts';

export interface OpenLine {
  readonly connection: SshConnection;
  readonly client: ssh2.Client;
  readonly socket: Socket;
}

/** A connection without the configuration, known_hosts and credentials that a `Dialer` looks at first. */
export async function openLine(
  server: Pick<PrivateSshd, 'user' | 'identityFile'>,
  { sshPort, toPort }: { readonly sshPort: number; readonly toPort: number },
  clock: Clock = realClock,
) {
  const socket = connect({ host: '127.0.0.1', port: sshPort, noDelay: true });
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ sock: socket, username: server.user, privateKey: readFileSync(server.identityFile) });
  });
  const description = { host: 'studio', port: sshPort, user: server.user, signedInWith: undefined };
  const remote = { host: '127.0.0.1', port: toPort };
  const connection = new SshConnection({ client, socket, below: undefined, description, remote, clock });
  const line: OpenLine = { connection, client, socket };
  return line;
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A relay that is `delayMs` away in each direction. Returns its port, and what ends it. */
export async function startDelay(toPort: number, delayMs: number) {
  const sockets = new Set<Socket>();
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('error', () => {}).on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
    from.once('close', () => to.destroy());
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: toPort, noDelay: true });
    carry(near, far);
    carry(far, near);
  });
  const port = await listening(server);
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, stop };
}
