import type { Server } from 'node:http';

import type { Hub } from '../protocol/hub.ts';
import { closeServer } from './http-server.ts';
import type { Listener } from './listener.ts';
import type { OpenAnswers } from './open-answers.ts';
import type { SocketServer } from './socket-server.ts';

interface Closing {
  readonly hub: Hub;
  readonly sockets: SocketServer;
  readonly answers: OpenAnswers;
}

/** Closes one of several listeners: what came in there is told why and has 5 s to finish what it asked for. */
export async function closeListener(
  { listener, server }: { readonly listener: Listener; readonly server: Server },
  reason: string,
  { hub, sockets, answers }: Closing,
): Promise<void> {
  const closed = closeServer(server);
  sockets.turnAway(1001, reason, listener);
  await hub.leave(listener, reason, answers.settled(listener));
  sockets.stop(listener);
  server.closeAllConnections();
  await closed;
}
