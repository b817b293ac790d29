import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { z } from 'zod';

import { NOTICES, type CallName, type NoticeName, type Notices, type Unsubscribe } from '../contract/calls.ts';
import { fail } from '../contract/errors.ts';
import type { Logger } from '../platform/ports.ts';
import { answerCall } from '../supervisor/answer.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import { createLineSplitter, encodeLine, type Reply } from './wire.ts';

export interface ControlServerDeps {
  /** Path of the socket, or the name of the pipe on Windows. */
  readonly path: string;
  readonly api: SupervisorApi;
  readonly version: string;
  readonly log: Logger;
}

export interface ControlServer {
  /** Resolves when the socket file is gone and every connection is closed. */
  close(): Promise<void>;
}

const RequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: z.number(), name: z.string(), input: z.unknown().optional() }),
  z.object({ type: z.literal('listen'), name: z.enum(Object.keys(NOTICES) as [NoticeName]) }),
]);

/**
 * Opens the control socket. It is also the lock of the home folder: only one app can hold it.
 * The caller closes it.
 *
 * @throws AppError `app/already-running` when another app answers on it.
 */
export async function startControlServer(deps: ControlServerDeps): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, deps);
  });
  await listen(server, deps.path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const isPipe = path.startsWith('\\\\.\\pipe\\');
  if (!isPipe) await makePrivateFolder(dirname(path));
  if (await answers(path)) throw fail('app/already-running', { pid: undefined });
  // Nobody answers, so a file that is there is what a killed app left behind.
  if (!isPipe) await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? fail('app/already-running', { pid: undefined }, error) : error);
    });
    server.listen(path, resolve);
  });
  if (!isPipe) await chmod(path, 0o600);
}

/**
 * The folder of the socket may lie in one that everybody can write to, so it must be our own and closed to others.
 * @throws AppError `app/file-unwritable` when somebody else was there first.
 */
async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return;
  throw fail('app/file-unwritable', { file: folder, reason: 'it belongs to another user or is open to others' });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function subscribe(api: SupervisorApi, name: NoticeName, send: (reply: Reply) => void): Unsubscribe {
  const tell = (notice: Notices[NoticeName]): void => send({ type: 'notice', name, notice });
  return name === 'snapshot.changed' ? api.onChange(tell) : api.onTestProgress(tell);
}

function serve(socket: Socket, { api, version, log }: ControlServerDeps): void {
  const split = createLineSplitter();
  const send = (reply: Reply): void => void (socket.writable && socket.write(encodeLine(reply)));
  const handle = async (line: string): Promise<void> => {
    const request = RequestSchema.parse(JSON.parse(line));
    if (request.type === 'listen') {
      socket.once('close', subscribe(api, request.name, send));
      return;
    }
    const call = { name: request.name as CallName, input: request.input };
    send({ type: 'result', id: request.id, result: await answerCall(api, call, 'terminal') });
  };
  const refuse = (error: unknown): void => {
    log.warn('control connection ended', { error });
    socket.destroy();
  };
  send({ type: 'hello', pid: process.pid, version });
  socket.on('error', refuse);
  socket.on('data', (chunk) => {
    try {
      for (const line of split(chunk)) handle(line).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  });
}
