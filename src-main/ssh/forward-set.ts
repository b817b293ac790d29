import type { Forward, ForwardState } from '../contract/tunnel.ts';
import { FurtherForward, type FurtherForwardDeps } from './further-forward.ts';
import type { Link } from './link.ts';
import { LocalForward } from './local-forward.ts';

export interface ForwardSetOptions extends FurtherForwardDeps {
  /** The local port of the main forward, without which there is no set; 0 lets the system choose. */
  readonly port: number;
  readonly further: readonly Forward[];
}

/** All forwards of one line. The others follow the main one; none of them can take it down. */
export class ForwardSet {
  readonly #main: LocalForward;
  readonly #further: readonly FurtherForward[];

  private constructor(main: LocalForward, further: readonly FurtherForward[]) {
    this.#main = main;
    this.#further = further;
  }

  /** @throws AppError `gateway/port-taken`, `gateway/address-unavailable`, of the main one */
  static async open({ port, further, ...deps }: ForwardSetOptions): Promise<ForwardSet> {
    const { clock, log, onTrouble } = deps;
    const main = await LocalForward.open({ port, clock, log, onTrouble });
    return new ForwardSet(
      main,
      further.map((wish) => new FurtherForward(wish, deps)),
    );
  }

  get port(): number {
    return this.#main.port;
  }

  get held(): number {
    return this.#further.reduce((sum, forward) => sum + forward.held, this.#main.held);
  }

  get states(): readonly ForwardState[] {
    return this.#further.map(({ state }) => state);
  }

  attach(link: Link): void {
    this.#main.attach(link);
    for (const forward of this.#further) forward.attach(link);
  }

  hold(): void {
    this.#main.hold();
    for (const forward of this.#further) forward.hold();
  }

  refuse(): void {
    this.#main.refuse();
    for (const forward of this.#further) forward.refuse();
  }

  async close(): Promise<void> {
    await Promise.all([this.#main.close(), ...this.#further.map((forward) => forward.close())]);
  }
}
