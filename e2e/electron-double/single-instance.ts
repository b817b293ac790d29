import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { track } from './pending-work.ts';

export interface Greeting {
  readonly argv: string[];
  readonly cwd: string;
  readonly data: unknown;
}

/** Unix socket names hold about a hundred bytes. */
const MAX_SOCKET_PATH = 100;

/**
 * One lock per user-data folder. The first process listens on a socket beside the lock; a later one
 * greets it there and does not get the lock. A lock whose owner is dead is taken over.
 */
export class SingleInstanceLock {
  readonly #folder: string;
  readonly #onGreeting: (greeting: Greeting) => void;
  #server: Server | undefined;

  constructor(folder: string, onGreeting: (greeting: Greeting) => void) {
    this.#folder = folder;
    this.#onGreeting = onGreeting;
  }

  get isHeld(): boolean {
    return this.#server !== undefined;
  }

  /** @returns whether this process is the first; if not, the first one has been sent `greeting`. */
  request(greeting: Greeting): boolean {
    if (this.isHeld) return true;
    mkdirSync(this.#folder, { recursive: true });
    while (!this.#take()) {
      if (isAlive(this.#ownerPid())) {
        void track(greet(this.#socketPath, greeting));
        return false;
      }
      rmSync(this.#lockFile, { force: true });
    }
    this.#listen();
    return true;
  }

  release(): void {
    if (!this.isHeld) return;
    this.#server?.close();
    this.#server = undefined;
    rmSync(this.#lockFile, { force: true });
    if (process.platform !== 'win32') rmSync(this.#socketPath, { force: true });
  }

  get #lockFile(): string {
    return join(this.#folder, 'SingletonLock.pid');
  }

  get #socketPath(): string {
    const digest = createHash('sha256').update(this.#folder).digest('hex').slice(0, 16);
    if (process.platform === 'win32') return `\\\\.\\pipe\\electron-double-${digest}`;
    const beside = join(this.#folder, 'SingletonSocket');
    return beside.length <= MAX_SOCKET_PATH ? beside : `/tmp/electron-double-${digest}.sock`;
  }

  #take(): boolean {
    try {
      writeFileSync(this.#lockFile, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  #ownerPid(): number {
    return Number(readFileSync(this.#lockFile, 'utf8'));
  }

  #listen(): void {
    if (process.platform !== 'win32') rmSync(this.#socketPath, { force: true });
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#receive(socket));
    this.#server.listen(this.#socketPath).unref();
  }

  async #receive(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const greeting = await text(socket).catch(() => '');
    socket.end();
    if (greeting !== '') this.#onGreeting(JSON.parse(greeting) as Greeting);
  }
}

/** Resolves when the other process has taken the greeting, or has gone away. */
function greet(socketPath: string, greeting: Greeting): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => socket.end(JSON.stringify(greeting)));
    socket
      .resume()
      .once('close', () => resolve())
      .on('error', () => undefined);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
