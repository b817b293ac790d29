import type { TailnetPeer, VisitorView } from '../../contract/exposure.ts';

/** An attacker with many addresses must not fill the memory: the oldest are forgotten. */
const MAX_VISITORS = 50;

type Visitor = Omit<VisitorView, 'isLockedOut'>;

/** Who came by one route, by the address that Tailscale gave. */
export class VisitorBook {
  readonly #nowMs: () => number;
  /** The newest last. */
  readonly #byAddress = new Map<string, Visitor>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Returns whether this address is new, as far as is remembered. */
  came(address: string): boolean {
    const isNew = !this.#byAddress.has(address);
    this.#change(address, ({ requests }) => ({ requests: requests + 1 }));
    return isNew;
  }

  tried(address: string, wasRight: boolean): void {
    this.#change(address, ({ refused }) => (wasRight ? { signedIn: 'secret' } : { refused: refused + 1 }));
  }

  letInAs(address: string, peer: TailnetPeer): void {
    this.#change(address, () => ({ ...namesOf(peer), signedIn: 'identity' }));
  }

  /** Whose address it is. Says nothing of being let in. */
  isOf(address: string, peer: TailnetPeer): void {
    const visitor = this.#byAddress.get(address);
    if (visitor !== undefined) this.#byAddress.set(address, { ...visitor, ...namesOf(peer) });
  }

  /** Most recent first. */
  views(isLockedOut: (address: string) => boolean): readonly VisitorView[] {
    const visitors = [...this.#byAddress.values()].toReversed();
    return visitors.map((visitor) => ({ ...visitor, isLockedOut: isLockedOut(visitor.address) }));
  }

  #change(address: string, change: (visitor: Visitor) => Partial<Visitor>): void {
    const known = this.#byAddress.get(address) ?? stranger(address);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { ...known, ...change(known), lastSeenMs: this.#nowMs() });
    const oldest = this.#byAddress.size > MAX_VISITORS ? this.#byAddress.keys().next().value : undefined;
    if (oldest !== undefined) this.#byAddress.delete(oldest);
  }
}

function stranger(address: string): Visitor {
  const nobody = { login: undefined, device: undefined, signedIn: 'no' } as const;
  return { address, ...nobody, requests: 0, refused: 0, lastSeenMs: 0 };
}

function namesOf({ login, device, isTagged }: TailnetPeer): Pick<Visitor, 'login' | 'device'> {
  return { login: isTagged ? undefined : login, device };
}
