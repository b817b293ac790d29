import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Joining } from '../control.ts';
import type { Netmap } from '../netmap.ts';
import { changeState, readState, writeWhole, type FakeState } from '../state.ts';

/** Who this daemon is to its control server, and what it knows of the tailnet. */
export class Known {
  readonly folder: string;
  readonly #wire: number;
  readonly #file: string;

  constructor(folder: string, wire: number) {
    this.folder = folder;
    this.#wire = wire;
    this.#file = join(folder, 'node.json');
  }

  get state(): FakeState {
    return readState(this.folder);
  }

  /** `null` while it is signed out, or has heard of nothing. */
  async netmap(): Promise<Netmap | null> {
    const { netmap, loginServer, backendState } = this.state;
    if (backendState === 'NeedsLogin' || backendState === 'NoState') return null;
    if (netmap !== null) return { ...netmap, self: { ...netmap.self, wire: this.#wire } };
    const joining = this.#joining;
    if (loginServer === '' || joining === undefined) return null;
    return ask(`${loginServer}/map`, joining);
  }

  /** `tailscale up`: joins where it was not before, and runs. */
  async up(loginServer: string, hostname: string, tags: readonly string[]): Promise<void> {
    const key = this.#joining?.key ?? randomBytes(8).toString('hex');
    writeWhole(this.#file, { key, hostname, tags });
    if (loginServer !== '') changeState(this.folder, { loginServer });
    await this.rejoin();
    changeState(this.folder, { backendState: 'Running' });
  }

  /** After a start the wire is another one. */
  async rejoin(): Promise<void> {
    const { loginServer } = this.state;
    const joining = this.#joining;
    if (loginServer !== '' && joining !== undefined) await ask(`${loginServer}/join`, joining);
  }

  get #joining(): Joining | undefined {
    if (!existsSync(this.#file)) return undefined;
    return { ...(JSON.parse(readFileSync(this.#file, 'utf8')) as Omit<Joining, 'wire'>), wire: this.#wire };
  }
}

async function ask(url: string, joining: Joining): Promise<Netmap | null> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(joining) });
  return (await response.json()) as Netmap | null;
}
