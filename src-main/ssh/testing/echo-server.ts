import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Answers with what it got, once the client has finished sending, and says so. */
export async function startEcho(port = 0): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end('<end>'));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export const closed = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

export interface Dialled {
  readonly socket: Socket;
  readonly text: () => string;
  /** How it ended, when it has. */
  readonly ended: Promise<'end' | 'reset'>;
}

/** A client of a port of this computer. */
export function dial(port: number, host = '127.0.0.1'): Dialled {
  let text = '';
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('data', (chunk) => (text += chunk.toString()));
  const ended = new Promise<'end' | 'reset'>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', () => resolve('reset'));
    socket.once('close', () => resolve('reset'));
  });
  return { socket, text: () => text, ended };
}
