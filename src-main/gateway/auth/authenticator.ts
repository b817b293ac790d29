import type { GatewayAuth, RateLimit } from '../../contract/gateway-host.ts';
import type { Clock } from '../../platform/ports.ts';
import type { Ingress } from '../server/ingress.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { addressKey, ClientKeys } from './client-key.ts';
import { isSharedSecret } from './shared-secret.ts';

export type AuthOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'missing' }
  | { readonly status: 'mismatch' }
  | { readonly status: 'locked'; readonly retryAfterMs: number };

/** Decides about the shared secret, for HTTP and WebSocket alike: one limiter, one clock. */
export class Authenticator {
  readonly #clock: Clock;
  readonly #limiter: AttemptLimiter;
  readonly #keys = new ClientKeys();
  #auth: GatewayAuth;
  #limits: RateLimit;
  #generation = 1;

  /** Told of every secret that was tried. */
  onTried: (ingress: Ingress, wasRight: boolean) => void = () => {};

  constructor(auth: GatewayAuth, limits: RateLimit, clock: Clock) {
    this.#auth = auth;
    this.#limits = limits;
    this.#clock = clock;
    this.#limiter = new AttemptLimiter(() => this.#limits, clock);
  }

  get auth(): GatewayAuth {
    return this.#auth;
  }

  get mode(): GatewayAuth['mode'] {
    return this.#auth.mode;
  }

  /** Another number after every change: whoever was let in under an older one has to come again. */
  get generation(): number {
    return this.#generation;
  }

  update(auth: GatewayAuth, limits: RateLimit): void {
    if (JSON.stringify(auth) !== JSON.stringify(this.#auth)) this.#generation += 1;
    this.#auth = auth;
    this.#limits = limits;
    this.#limiter.forgetAll();
  }

  /** How long this client is still locked out, milliseconds; 0 when it may try. */
  lockedForMs(ingress: Ingress): number {
    return this.#isExempt(ingress) ? 0 : this.#limiter.lockedForMs(this.#keys.of(ingress));
  }

  /** The same for an address that is not on this computer. */
  isLockedOut(address: string): boolean {
    return this.#limiter.lockedForMs(addressKey(address)) > 0;
  }

  /** Whether one of what was presented is the secret, in whichever field; counts nothing. */
  isSecret(presented: readonly string[]): boolean {
    return presented.filter((secret) => isSharedSecret(this.#auth, secret)).length > 0;
  }

  succeeded(ingress: Ingress): void {
    this.onTried(ingress, true);
    this.#limiter.succeeded(this.#keys.of(ingress));
  }

  /** Counts a wrong secret. It is answered late to a program on this computer, and locks out everybody else. */
  async failed(ingress: Ingress): Promise<void> {
    this.onTried(ingress, false);
    const delayMs = this.#limiter.failed(this.#keys.of(ingress));
    if (this.#isExempt(ingress)) await new Promise<void>((resolve) => void this.#clock.after(delayMs, resolve));
  }

  /** The whole decision where a shared secret is all that counts. */
  async check(ingress: Ingress, presented: readonly string[]): Promise<AuthOutcome> {
    if (this.#auth.mode === 'none') return { status: 'accepted' };
    const retryAfterMs = this.lockedForMs(ingress);
    if (retryAfterMs > 0) return { status: 'locked', retryAfterMs };
    if (presented.length === 0) return { status: 'missing' };
    if (this.isSecret(presented)) {
      this.succeeded(ingress);
      return { status: 'accepted' };
    }
    await this.failed(ingress);
    return { status: 'mismatch' };
  }

  /** A page in a browser is not trusted because of where the browser runs, nor is what comes through a proxy. */
  #isExempt({ isLoopbackPeer, isForwarded, origin }: Ingress): boolean {
    return this.#limits.exemptLoopback && isLoopbackPeer && !isForwarded && origin === undefined;
  }
}
