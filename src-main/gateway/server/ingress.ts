import type { IncomingMessage } from 'node:http';

import { isListedIn, originalClient } from './forwarded.ts';
import { hostnameOf, isIpLiteral, isLoopback, plainAddress } from './host-names.ts';
import type { BindListener, Listener, RouteListener } from './listener.ts';
import { readRoute, type RouteArrival, type RouteFault } from './route-ingress.ts';

/** Where a request came from, computed once per request and used by everything that decides about it. */
export interface Ingress {
  /** Address of the other end of the socket; an IPv4 address in its own form. */
  readonly peer: string;
  /** Address of whoever asks: the peer, or the one that a trusted proxy or Tailscale speaks for. */
  readonly client: string;
  /** Which of the gateway's listeners took it. */
  readonly listener: Listener;
  readonly isLoopbackPeer: boolean;
  /** The `Host` header. */
  readonly host: string | undefined;
  /** Whether the Host names this computer from within: a page of a foreign name that resolves to us does not. */
  readonly isLocalHost: boolean;
  /** Whether the Host is a name of this gateway. Any other name could have been made to resolve here. */
  readonly isOwnHost: boolean;
  /** The `Origin` header; an empty one counts as absent. */
  readonly origin: string | undefined;
  /** Nobody in between, from this computer, by its own name: the one place from which pairing needs no approval. */
  readonly isLocal: boolean;
  /** A trusted proxy, or Tailscale on a route of its own, speaks for the client. */
  readonly isForwarded: boolean;
  /** Somebody in between says for whom it asks, and that somebody is not one we were told to believe. */
  readonly isUnattributed: boolean;
  /** On a route: why Tailscale cannot have brought this. Nothing else of the ingress is then worth anything. */
  readonly routeFault: RouteFault | undefined;
  /** On a route: what Tailscale says of whom it brings. */
  readonly arrival: RouteArrival | undefined;
}

/** What decides about a request before any secret; may change while the gateway runs. */
export interface IngressRules {
  readonly trustedProxies: readonly string[];
  /** Hosts under which this gateway is reached, beside those that cannot be made up: `gw.example`. */
  readonly ownHosts: readonly string[];
}

/** Headers that speak of another client than the peer, as the real gateway counts them. */
const PROXY_HEADER = /^(forwarded|x-forwarded-.+|x-real-ip|tailscale-user-login)$/;

/** Reads the ingress of requests, each once. */
export class IngressReader {
  readonly #known = new WeakMap<IncomingMessage, Ingress>();
  #rules: IngressRules;

  constructor(rules: IngressRules) {
    this.#rules = rules;
  }

  set rules(rules: IngressRules) {
    this.#rules = rules;
  }

  /** Called where the listener is known; everybody later uses `of`. */
  read(request: IncomingMessage, listener: Listener): Ingress {
    const ingress = readIngress(request, listener, this.#rules);
    this.#known.set(request, ingress);
    return ingress;
  }

  /** @throws Error for a request that came past `read`, which no listener does. */
  of(request: IncomingMessage): Ingress {
    const ingress = this.#known.get(request);
    if (ingress === undefined) throw new Error('a request without ingress');
    return ingress;
  }
}

function readIngress(request: IncomingMessage, listener: Listener, rules: IngressRules): Ingress {
  return listener.kind === 'bind' ? readBind(request, listener, rules) : readByRoute(request, listener);
}

/** Nothing that comes by a route is from here, whatever its socket says. */
function readByRoute(request: IncomingMessage, listener: RouteListener): Ingress {
  const peer = plainAddress(request.socket.remoteAddress);
  const route = readRoute(request, listener);
  const arrival = 'fault' in route ? undefined : route;
  const { host, origin } = request.headers;
  return {
    peer,
    client: arrival?.client ?? peer,
    listener,
    isLoopbackPeer: isLoopback(peer),
    host,
    isLocalHost: false,
    isOwnHost: true,
    origin: origin || undefined,
    isLocal: false,
    isForwarded: true,
    isUnattributed: false,
    routeFault: 'fault' in route ? route.fault : undefined,
    arrival,
  };
}

function readBind({ socket, headers }: IncomingMessage, listener: BindListener, rules: IngressRules): Ingress {
  const peer = plainAddress(socket.remoteAddress);
  const { host } = headers;
  const named = host ?? '';
  const isTrustedPeer = isListedIn(rules.trustedProxies, peer);
  const speaksForOthers = Object.keys(headers).some((name) => PROXY_HEADER.test(name));
  const forwardedFor = speaksForOthers && isTrustedPeer ? originalClient(headers, rules.trustedProxies) : undefined;
  const isLocalHost = isLoopback(hostnameOf(named));
  const isLoopbackPeer = isLoopback(peer);
  return {
    peer,
    client: forwardedFor ?? peer,
    listener,
    isLoopbackPeer,
    host,
    isLocalHost,
    isOwnHost: isLocalHost || isOwn(named, listener, rules.ownHosts),
    origin: headers.origin || undefined,
    isLocal: isLoopbackPeer && isLocalHost && !isTrustedPeer && !speaksForOthers,
    isForwarded: forwardedFor !== undefined,
    isUnattributed: speaksForOthers && forwardedFor === undefined,
    routeFault: undefined,
    arrival: undefined,
  };
}

/** An address cannot be made to resolve elsewhere; a name in the tailnet's own zone only within that tailnet. */
function isOwn(host: string, { bind }: BindListener, ownHosts: readonly string[]): boolean {
  const name = hostnameOf(host).toLowerCase();
  if (isIpLiteral(name)) return true;
  return ownHosts.includes(name) || (bind === 'tailnet' && name.endsWith('.ts.net'));
}
