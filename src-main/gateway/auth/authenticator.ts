import type { GatewayAuth } from '../../contract/gateway-host.ts';
import type { Clock } from '../../platform/ports.ts';
import type { Ingress } from '../server/ingress.ts';
import { AttemptLimiter, DEFAULT_LIMITS } from './attempt-limiter.ts';
import { isSharedSecret } from './shared-secret.ts';

export type AuthOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'missing' }
  | { readonly status: 'mismatch' }
  | { readonly status: 'locked'; readonly retryAfterMs: number };

/** Decides about a secret, for HTTP and WebSocket alike: one limiter, one clock. */
export class Authenticator {
  readonly #auth: GatewayAuth;
  readonly #clock: Clock;
  readonly #limiter: AttemptLimiter;

  constructor(auth: GatewayAuth, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
    this.#limiter = new AttemptLimiter(DEFAULT_LIMITS, clock);
  }

  get mode(): GatewayAuth['mode'] {
    return this.#auth.mode;
  }

  /** A wrong secret is answered late to a program on this computer, and locks out everybody else. */
  async check(ingress: Ingress, presented: string | undefined): Promise<AuthOutcome> {
    if (this.#auth.mode === 'none') return { status: 'accepted' };
    const client = clientOf(ingress);
    const retryAfterMs = isExempt(ingress) ? 0 : this.#limiter.lockedForMs(client);
    if (retryAfterMs > 0) return { status: 'locked', retryAfterMs };
    if (presented === undefined) return { status: 'missing' };
    if (isSharedSecret(this.#auth, presented)) {
      this.#limiter.succeeded(client);
      return { status: 'accepted' };
    }
    const delayMs = this.#limiter.failed(client);
    if (isExempt(ingress)) await new Promise<void>((resolve) => void this.#clock.after(delayMs, resolve));
    return { status: 'mismatch' };
  }
}

/** A page in a browser is not trusted because of where the browser runs. */
function isExempt({ isLoopbackPeer, origin }: Ingress): boolean {
  return isLoopbackPeer && origin === undefined;
}

function clientOf({ peer, origin }: Ingress): string {
  return origin === undefined ? peer : `${peer} ${origin}`;
}
