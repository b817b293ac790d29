import { setTimeout as delay } from 'node:timers/promises';

import type { PrivateSshd } from '../e2e/support/private-sshd.ts';
import { openAndEcho } from './tunnel-load.ts';

export interface Outage {
  /** From "the server listens again" to the first finished echo; `Infinity` when none came within ten seconds. */
  readonly recoveryMs: number;
  /** New local connections that were refused, or closed without an answer, since the server was killed. */
  readonly refused: number;
}

const OUTAGE_MS = 5_000;
const GIVE_UP_MS = 10_000;
const NEW_CONNECTION_MS = 100;

/** Kills the server with its sessions, starts it again on the same port, and connects all the while. */
export async function measureOutage(sshd: PrivateSshd, localPort: number): Promise<Outage> {
  await sshd.kill();
  const knocking = new Knocking(localPort);
  await delay(OUTAGE_MS);
  const listensAtMs = await startExactly(sshd);
  const recoveredAtMs = await Promise.race([knocking.firstEcho, delay(GIVE_UP_MS, Number.POSITIVE_INFINITY)]);
  return { recoveryMs: recoveredAtMs - listensAtMs, refused: await knocking.stop() };
}

/** When it began to listen. Closer than `start` tells, which looks every 20 ms. */
async function startExactly(sshd: PrivateSshd): Promise<number> {
  const said = sshd.logs.length;
  const starting = sshd.start();
  while (!sshd.logs.includes('Server listening', said)) {
    await Promise.race([delay(1), starting]);
  }
  const listensAtMs = performance.now();
  await starting;
  return listensAtMs;
}

/** A new connection with one echo every 100 ms, whatever becomes of the others. */
class Knocking {
  /** `performance.now()` of the first echo that came back. */
  readonly firstEcho: Promise<number>;
  readonly #knocks: Promise<boolean>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(port: number) {
    const first = Promise.withResolvers<number>();
    this.firstEcho = first.promise;
    const knock = async (): Promise<boolean> => {
      try {
        await openAndEcho(port);
        first.resolve(performance.now());
        return true;
      } catch {
        return false;
      }
    };
    this.#knocks.push(knock());
    this.#timer = setInterval(() => this.#knocks.push(knock()), NEW_CONNECTION_MS);
  }

  /** How many failed, once the last is answered or lost. */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    const answered = await Promise.all(this.#knocks);
    return answered.filter((isAnswered) => !isAnswered).length;
  }
}
