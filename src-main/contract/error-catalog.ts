import { APP_ERRORS } from './app-errors.ts';
import type { ErrorEntry } from './error-entry.ts';
import type { ErrorCode, ErrorParams } from './errors.ts';
import { GATEWAY_ERRORS } from './gateway-errors.ts';
import { SSH_ERRORS } from './ssh-errors.ts';
import { TAILSCALE_ERRORS } from './tailscale-errors.ts';

const ENTRIES: { readonly [C in ErrorCode]: ErrorEntry<ErrorParams[C]> } = {
  ...SSH_ERRORS,
  ...GATEWAY_ERRORS,
  ...TAILSCALE_ERRORS,
  ...APP_ERRORS,
};

// Looked up by a code that is only known at run time; the pairing of code and params is proven above.
export const CATALOG = ENTRIES as { readonly [C in ErrorCode]: ErrorEntry<unknown> };
