import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { pinnedNode } from '../e2e/support/cli.ts';
import { routeOver, startTunnel, type TunnelLane, type TunnelRoute } from './tunnel-lanes.ts';

/**
 * From the TCP connection to the SSH server to the first echo, milliseconds. A relay before the server sees when the
 * connection is made, without asking the program; it costs each of the few round trips about 0.1 ms.
 */
export async function measureHandshake(lane: TunnelLane, route: TunnelRoute): Promise<number> {
  const sockets = new Set<Socket>();
  let acceptedAtMs: number | undefined;
  const relay = createServer({ noDelay: true }, (socket) => {
    acceptedAtMs ??= performance.now();
    const onward = connect({ host: '127.0.0.1', port: route.sshPort, noDelay: true });
    for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  try {
    await using tunnel = await startTunnel(lane, await routeOver((relay.address() as AddressInfo).port, route));
    return tunnel.readyAtMs - (acceptedAtMs ?? Number.NaN);
  } finally {
    for (const socket of sockets) socket.destroy();
    relay.close();
    await once(relay, 'close');
  }
}

/** What ssh2 needs by itself, from the TCP connection to its `ready`, milliseconds: how fast this machine is just now. */
export async function measureStock({ sshPort, user, identityFile }: TunnelRoute): Promise<number> {
  const script = fileURLToPath(new URL('./stock-client.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(pinnedNode(), [script, `${sshPort}`, user, identityFile]);
  return Number(stdout);
}
