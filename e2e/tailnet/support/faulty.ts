import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

import type { Fault } from '../fake/faults.ts';
import { DaemonClient } from '../fake/program/daemon-client.ts';
import { changeState, writeWhole, type FakeState } from '../fake/state.ts';
import type { Computer } from './tailnet.ts';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type NewFault = WithoutId<Fault>;

/** Makes things go wrong on a computer of the fake tailnet, until it is disposed of. */
export class Trouble implements Disposable {
  readonly #folder: string;
  readonly #before: Partial<FakeState>;

  constructor(at: Computer) {
    this.#folder = dirname(at.socket);
    const file = join(this.#folder, 'state.json');
    this.#before = JSON.parse(readFileSync(file, 'utf8')) as Partial<FakeState>;
    rmSync(this.#calls, { force: true });
  }

  state(change: Partial<FakeState>): void {
    changeState(this.#folder, change);
  }

  faults(...faults: readonly NewFault[]): void {
    writeWhole(
      join(this.#folder, 'faults.json'),
      faults.map((fault) => ({ ...fault, id: randomUUID() })),
    );
  }

  /** Ends every session, as the daemon does with a reader that fell behind. */
  async lag(): Promise<void> {
    await new DaemonClient(join(this.#folder, 'ts.sock')).ask('POST', 'fake-lag');
  }

  /** Words of every run of the program since this began. */
  get calls(): readonly (readonly string[])[] {
    if (!existsSync(this.#calls)) return [];
    const lines = readFileSync(this.#calls, 'utf8').trim().split('\n');
    return lines.flatMap((line) => {
      const { argv } = JSON.parse(line) as { readonly argv?: readonly string[] };
      return argv === undefined ? [] : [argv.filter((word) => !word.startsWith('--socket='))];
    });
  }

  get #calls(): string {
    return join(this.#folder, 'calls.ndjson');
  }

  [Symbol.dispose](): void {
    this.faults();
    writeWhole(join(this.#folder, 'state.json'), this.#before);
  }
}
