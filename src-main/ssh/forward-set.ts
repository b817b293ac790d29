import { isDeepStrictEqual } from 'node:util';

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
  readonly #deps: FurtherForwardDeps;
  #further: readonly FurtherForward[] = [];
  #isClosed = false;
  /** Brings one that is added to where the others are. */
  #join: (forward: FurtherForward) => void = () => {};

  private constructor(main: LocalForward, deps: FurtherForwardDeps) {
    this.#main = main;
    this.#deps = deps;
  }

  /** @throws AppError `gateway/port-taken`, `gateway/address-unavailable`, of the main one */
  static async open({ port, further, ...deps }: ForwardSetOptions): Promise<ForwardSet> {
    const { clock, log, onTrouble } = deps;
    const main = await LocalForward.open({ port, clock, log, onTrouble });
    const set = new ForwardSet(main, deps);
    set.#further = further.map((wish) => new FurtherForward(wish, deps));
    return set;
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

  /** Those that stay keep their connections. Resolves when those that go have closed. */
  async change(wishes: readonly Forward[]): Promise<void> {
    const isWished = ({ wish }: FurtherForward): boolean => wishes.some((other) => isDeepStrictEqual(wish, other));
    const going = this.#further.filter((forward) => !isWished(forward));
    const staying = this.#further.filter(isWished);
    this.#further = staying;
    // First out, then in: one that comes may want the port of one that goes.
    await Promise.all(going.map((forward) => forward.close()));
    if (this.#isClosed) return;
    this.#further = wishes.map(
      (wish) => staying.find((forward) => isDeepStrictEqual(forward.wish, wish)) ?? this.#added(wish),
    );
    this.#deps.onChange();
  }

  #added(wish: Forward): FurtherForward {
    const forward = new FurtherForward(wish, this.#deps);
    this.#join(forward);
    return forward;
  }

  attach(link: Link): void {
    this.#main.attach(link);
    this.#all((forward) => forward.attach(link));
  }

  hold(): void {
    this.#main.hold();
    this.#all((forward) => forward.hold());
  }

  refuse(): void {
    this.#main.refuse();
    this.#all((forward) => forward.refuse());
  }

  #all(join: (forward: FurtherForward) => void): void {
    this.#join = join;
    this.#further.forEach(join);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#main.close(), ...this.#further.map((forward) => forward.close())]);
  }
}
