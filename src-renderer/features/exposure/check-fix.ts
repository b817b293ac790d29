import type { ErrorCode, ErrorInfo, ErrorParams } from '../../../src-main/contract/errors.ts';
import { FUNNEL_PORTS } from '../../../src-main/contract/exposure.ts';

/** What a person can do about a check that is not well, other than read. */
export type CheckFix =
  | { readonly type: 'link'; readonly label: string; readonly url: string }
  | { readonly type: 'command'; readonly command: string }
  | { readonly type: 'password' }
  | { readonly type: 'listen-here' }
  | { readonly type: 'ports'; readonly ports: readonly number[] };

const DOWNLOAD = 'https://tailscale.com/download';
const ADMIN = 'https://login.tailscale.com/admin';

const link = (label: string, url: string): CheckFix => ({ type: 'link', label, url });
const command = (words: string): CheckFix => ({ type: 'command', command: words });

/** Where only waiting helps, or the sentence says it all, there is none. */
const FIXES: { readonly [C in ErrorCode]?: (params: ErrorParams[C]) => CheckFix } = {
  'tailscale/not-installed': () => link('Get Tailscale', DOWNLOAD),
  'tailscale/too-old': () => link('Get the update', DOWNLOAD),
  'tailscale/signed-out': ({ url }) => (url === undefined ? command('tailscale up') : link('Sign in', url)),
  'tailscale/stopped': () => command('tailscale up'),
  'tailscale/needs-approval': () => link('Open the machines', `${ADMIN}/machines`),
  'tailscale/no-magic-dns': () => link('Switch MagicDNS on', `${ADMIN}/dns`),
  'tailscale/no-https': ({ url }) => link('Switch HTTPS on', url),
  'tailscale/no-funnel': ({ url }) => link('Allow Funnel', url),
  'tailscale/shields-up': () => command('tailscale set --shields-up=false'),
  'tailscale/not-permitted': ({ command: words }) => command(words),
  'tailscale/funnel-port': ({ allowed }) => ({ type: 'ports', ports: allowed }),
  'tailscale/port-taken': ({ port }) => ({ type: 'ports', ports: FUNNEL_PORTS.filter((other) => other !== port) }),
  'tailscale/bind-not-loopback': () => ({ type: 'listen-here' }),
  'tailscale/needs-password': () => ({ type: 'password' }),
  'tailscale/needs-secret': () => ({ type: 'password' }),
};

export function fixOf({ code, params }: ErrorInfo): CheckFix | undefined {
  // The pairing of code and params is proven above.
  return (FIXES[code] as ((params: unknown) => CheckFix) | undefined)?.(params);
}
