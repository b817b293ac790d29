import type { GatewayAuth } from '../../contract/gateway-host.ts';
import type { Ingress } from '../server/ingress.ts';
import type { RouteFault } from '../server/route-ingress.ts';

/** Bodies of refusals, in the shapes that clients of the protocol know. */
export interface Refusal {
  readonly error: { readonly message: string; readonly type: string };
}

const PROXY_REFUSAL: Refusal = {
  error: {
    message: 'A proxy speaks for this client, and it is not in gateway.trustedProxies.',
    type: 'proxy_attribution_required',
  },
};

export const HOST_REFUSAL: Refusal = {
  error: {
    message:
      'The Host header is no name of this gateway. Use its address, or list the name in controlUi.allowedOrigins.',
    type: 'host_not_allowed',
  },
};

export const UNAUTHORIZED: Refusal = { error: { message: 'Unauthorized', type: 'unauthorized' } };

export const RATE_LIMITED: Refusal = {
  error: { message: 'Too many failed authentication attempts. Try again later.', type: 'rate_limited' },
};

export const TOO_LARGE: Refusal = { error: { message: 'Payload too large', type: 'invalid_request_error' } };

const ROUTE_REFUSALS: Readonly<Record<RouteFault, Fault>> = {
  'wrong-host': {
    status: 421,
    body: { error: { message: 'This route has another name than the Host header says.', type: 'host_not_allowed' } },
  },
  'not-forwarded': {
    status: 403,
    body: { error: { message: 'Only Tailscale may ask here.', type: 'proxy_attribution_required' } },
  },
};

export interface Fault {
  readonly status: 403 | 421;
  readonly body: Refusal;
}

/** Why a request on a route gets no answer at all, not even about health; `undefined` for every other. */
export function routeRefusal({ routeFault }: Ingress): Fault | undefined {
  return routeFault && ROUTE_REFUSALS[routeFault];
}

/**
 * Why a request is refused before any secret is looked at, or `undefined`. A foreign name may have been made to
 * resolve here by the page that uses it; that page knows no secret, but where none is asked for it would need none.
 */
export function ingressFault(ingress: Ingress, mode: GatewayAuth['mode']): Fault | undefined {
  if (ingress.routeFault !== undefined) return routeRefusal(ingress);
  if (ingress.isUnattributed) return { status: 403, body: PROXY_REFUSAL };
  return mode === 'none' && !ingress.isOwnHost ? { status: 403, body: HOST_REFUSAL } : undefined;
}
