/** Bodies of refusals, in the shapes that clients of the protocol know. */
export const PROXY_REFUSAL = {
  error: {
    message: 'A proxy speaks for this client, and it is not in gateway.trustedProxies.',
    type: 'proxy_attribution_required',
  },
} as const;

export const UNAUTHORIZED = { error: { message: 'Unauthorized', type: 'unauthorized' } } as const;

export const RATE_LIMITED = {
  error: { message: 'Too many failed authentication attempts. Try again later.', type: 'rate_limited' },
} as const;
