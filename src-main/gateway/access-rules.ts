import { hostname } from 'node:os';

import { fail } from '../contract/errors.ts';
import { secretOf, type GatewayRunOptions } from '../contract/gateway-host.ts';
import { Authenticator } from './auth/authenticator.ts';
import { MIN_SECRET_LENGTH } from './auth/shared-secret.ts';
import type { Clock } from '../platform/ports.ts';
import { IngressReader } from './server/ingress.ts';

/** What of the options may change while the gateway runs. */
export type AccessOptions = Pick<GatewayRunOptions, 'auth' | 'rateLimit' | 'trustedProxies' | 'nodes' | 'tailscale'> & {
  readonly controlUi: Pick<GatewayRunOptions['controlUi'], 'allowedOrigins'>;
};

/** @throws AppError `gateway/bind-needs-secret` when the gateway would be open to others. */
export function checkExposure({ bind }: Pick<GatewayRunOptions, 'bind'>, auth: GatewayRunOptions['auth']): void {
  if (bind === 'loopback') return;
  if ((secretOf(auth) ?? '').length < MIN_SECRET_LENGTH) throw fail('gateway/bind-needs-secret', { bind });
}

/** Who is let in, in one place: everything that decides asks here, so a change holds everywhere at once. */
export class AccessRules {
  readonly authenticator: Authenticator;
  readonly ingress: IngressReader;
  #options: AccessOptions;

  constructor(options: AccessOptions, clock: Clock) {
    this.#options = options;
    this.authenticator = new Authenticator(options.auth, options.rateLimit, clock);
    this.ingress = new IngressReader(ingressRules(options));
  }

  get allowedOrigins(): readonly string[] {
    return this.#options.controlUi.allowedOrigins;
  }

  /** Whom who-it-is is enough for. */
  get identity(): Pick<GatewayRunOptions['tailscale'], 'allowIdentity' | 'allowedUserIds'> {
    return this.#options.tailscale;
  }

  get nodes(): GatewayRunOptions['nodes'] {
    return this.#options.nodes;
  }

  /** From now on. Returns whether the credentials are others than before. */
  update(options: AccessOptions): boolean {
    const { generation } = this.authenticator;
    this.#options = options;
    this.authenticator.update(options.auth, options.rateLimit);
    this.ingress.rules = ingressRules(options);
    return this.authenticator.generation !== generation;
  }
}

/** Names under which this computer is reached: its own, and those whose pages are allowed. */
function ingressRules({ trustedProxies, controlUi }: AccessOptions) {
  const computer = hostname().toLowerCase();
  const listed = controlUi.allowedOrigins.map((origin) => new URL(origin).hostname);
  return { trustedProxies, ownHosts: [computer, `${computer.replace(/\.local$/, '')}.local`, ...listed] };
}
