import { describeError } from '../contract/errors.ts';
import type { GatewayAccess, LocalExposure } from '../contract/exposure.ts';
import type { ReachView } from '../contract/snapshot.ts';
import { isLoopbackHost } from '../gateway-client/plaintext.ts';
import type { LineFacts, LineIdentity } from './line-facts.ts';

/** Who can reach a gateway right now, as far as this computer knows. */
export function reachOf({ identity, path, exposure }: LineFacts): ReachView {
  const { kind } = identity;
  if (kind !== 'local') return reachElsewhere(kind, identity);
  if (path.status === 'ready' && path.attached) {
    return {
      headline: 'This computer can reach this gateway.',
      detail: 'It was started by another program, which decides who else can.',
    };
  }
  if (exposure === undefined) {
    return { headline: ONLY_HERE, detail: 'It listens on loopback and asks for a token.' };
  }
  return byTailscale(exposure) ?? byItself(exposure);
}

const ONLY_HERE = 'Only this computer can reach this gateway.';

function reachElsewhere(kind: 'ssh' | 'direct', { name, target = '' }: LineIdentity): ReachView {
  const unencrypted = kind === 'direct' && isUnencrypted(target);
  const way =
    kind === 'ssh'
      ? 'over SSH, and offers it to programs on this computer only'
      : `at its own address${unencrypted ? ', unencrypted, in a private network that you trust' : ''}`;
  return {
    headline: `This computer reaches ${name} ${kind === 'ssh' ? 'over SSH' : 'directly'}.`,
    detail: `It connects ${way}. Who else can reach ${name} is set there.`,
    ...(unencrypted && { unencrypted }),
  };
}

/** What a person should not forget about a network that is trusted. */
function isUnencrypted(url: string): boolean {
  return URL.canParse(url) && url.startsWith('ws:') && !isLoopbackHost(new URL(url).hostname);
}

/** Through a route of Tailscale. One that is being closed counts as open until it is gone. */
function byTailscale({ access, state }: LocalExposure): ReachView | undefined {
  if (state.status !== 'active' && state.status !== 'closing') return undefined;
  const at = state.status === 'active' ? state.url : 'Its address';
  const end = state.status === 'closing' ? ' It is being closed.' : '';
  if (state.mode === 'funnel') {
    const who = 'Anyone on the internet';
    const headline = `${who} can reach this gateway now, ${SECRET[access.auth]}.`;
    return { headline, detail: `${at} by Funnel.${end}`, open: { to: 'internet', who } };
  }
  const who = 'Your tailnet';
  const identity = access.allowIdentity && access.auth !== 'none' ? ' or by Tailscale identity' : '';
  return {
    headline: `${who} can reach this gateway now, ${SECRET[access.auth]}${identity}.`,
    detail: `Loopback on this computer, and ${at} by Serve. Not on your LAN, not on the internet.${end}`,
    open: { to: 'tailnet', who },
  };
}

/** By the address it listens at, and what became of a wish for more. */
function byItself({ access, state }: LocalExposure): ReachView {
  const { url, auth } = access;
  switch (listensTo(access)) {
    case 'lan': {
      const who = 'Anyone on your network';
      const headline = `${who} can reach this gateway now, ${SECRET[auth]}.`;
      return {
        headline,
        detail: `It listens at the addresses of this computer, ${HOW[wayOf(access)]}.`,
        open: { to: 'lan', who },
      };
    }
    case 'tailnet': {
      const who = 'Your tailnet';
      const headline = `${who} can reach this gateway now, ${SECRET[auth]}.`;
      const detail = `It listens at ${url} and nowhere else, ${HOW[wayOf(access)]} inside of Tailscale's own encryption.`;
      return { headline, detail, open: { to: 'tailnet', who } };
    }
    case 'nowhere':
      return {
        headline: 'Nobody can reach this gateway now.',
        detail: 'It is to listen at its tailnet address and nowhere else. Nothing listens there yet.',
      };
    case 'here': {
      const asks = auth === 'none' ? 'asks for nothing' : `asks for a ${auth}`;
      return { headline: ONLY_HERE, detail: `It listens on loopback and ${asks}.${notYet(state)}` };
    }
  }
}

/** Who can reach the address it listens at. */
export function listensTo({ bind, url }: GatewayAccess): 'here' | 'tailnet' | 'lan' | 'nowhere' {
  if (bind === 'loopback') return 'here';
  if (url === undefined) return 'nowhere';
  if (bind === 'tailnet') return 'tailnet';
  const isLoopback = bind === 'custom' && /^https?:\/\/(127\.[\d.]+|\[::1\]|localhost):/.test(url);
  return isLoopback ? 'here' : 'lan';
}

/** What whoever reaches the address speaks. */
export function wayOf({ url }: GatewayAccess): 'tls' | 'plain' {
  return url?.startsWith('https:') === true ? 'tls' : 'plain';
}

export const HOW: Readonly<Record<'tls' | 'plain', string>> = {
  tls: 'with a certificate of its own',
  plain: 'in plain HTTP',
};

function notYet(state: LocalExposure['state']): string {
  switch (state.status) {
    case 'opening':
      return ` It is being opened to ${state.mode === 'funnel' ? 'the internet' : 'your tailnet'}.`;
    case 'waiting':
    case 'failed':
      return ` ${state.mode === 'funnel' ? 'Funnel' : 'Serve'} is not open: ${describeError(state.cause).title}.`;
    case 'off':
    case 'active':
    case 'closing':
      return '';
  }
}

const SECRET: Readonly<Record<GatewayAccess['auth'], string>> = {
  none: 'without any secret',
  token: 'with a token',
  password: 'with the password',
};
