import type { Server } from 'node:http';

import type { Hub } from '../protocol/hub.ts';
import { closeServer } from './http-server.ts';
import type { Listener } from './listener.ts';
import type { SocketServer } from './socket-server.ts';

/** Closes one of several listeners: what came in there is told why and has 5 s to finish what it asked for. */
export async function closeListener(
  { listener, server }: { readonly listener: Listener; readonly server: Server },
  reason: string,
  { hub, sockets }: { readonly hub: Hub; readonly sockets: SocketServer },
): Promise<void> {
  const closed = closeServer(server);
  await hub.leave(listener, reason);
  sockets.stop(listener);
  server.closeAllConnections();
  await closed;
}
