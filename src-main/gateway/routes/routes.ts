import type { Server } from 'node:http';

import { fail } from '../../contract/errors.ts';
import type { OpenRoute, RouteRequest, Tailnet, VisitorView } from '../../contract/exposure.ts';
import { secretOf, type GatewayAuth } from '../../contract/gateway-host.ts';
import { isStrongSecret } from '../../contract/strong-secret.ts';
import type { Logger } from '../../platform/ports.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { MIN_SECRET_LENGTH } from '../auth/shared-secret.ts';
import type { Connection } from '../protocol/connection.ts';
import type { Hub } from '../protocol/hub.ts';
import { closeListener } from '../server/close-listener.ts';
import { closeServer } from '../server/http-server.ts';
import type { Ingress, IngressReader } from '../server/ingress.ts';
import { listenOn } from '../server/listen.ts';
import type { Listener, RouteListener } from '../server/listener.ts';
import type { OpenAnswers } from '../server/open-answers.ts';
import type { SocketServer } from '../server/socket-server.ts';
import { isTailnetAddress } from '../server/tailnet-address.ts';
import { VisitorBook } from './visitor-book.ts';

export interface RoutesDeps {
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly ingress: IngressReader;
  readonly hub: Hub;
  readonly sockets: SocketServer;
  readonly answers: OpenAnswers;
  readonly createServer: (listener: Listener) => Server;
}

interface Route {
  readonly listener: RouteListener;
  readonly request: RouteRequest;
  readonly server: Server;
  readonly visitors: VisitorBook;
}

/** Names are for people: more at once than this are not asked for. */
const MAX_NAMES_ASKED = 4;

/** Listeners of their own that only Tailscale is told of. */
export class Routes {
  readonly #deps: RoutesDeps;
  readonly #open = new Map<Listener, Route>();
  #namesAsked = 0;
  #isStopped = false;

  constructor(deps: RoutesDeps) {
    this.#deps = deps;
    deps.authenticator.onTried = ({ listener, client }, wasRight) => {
      this.#open.get(listener)?.visitors.tried(client, wasRight);
    };
  }

  /**
   * @throws AppError `tailscale/needs-secret` or `tailscale/needs-password` when others would be let in too easily, and
   *   then nothing listens.
   */
  async open(request: RouteRequest): Promise<OpenRoute> {
    checkRoute(request.mode, this.#deps.authenticator.auth);
    const { mode: kind, host, scheme = 'https' } = request;
    const listener: RouteListener = { kind, address: '127.0.0.1', host, scheme };
    const server = this.#deps.createServer(listener);
    const port = await listenOn([server], [listener.address], 0);
    const visitors = new VisitorBook(this.#deps.nowMs);
    const route: Route = { listener, request, server, visitors };
    for (const event of ['request', 'upgrade'] as const) {
      server.on(event, (incoming) => this.#came(route, this.#deps.ingress.of(incoming)));
    }
    if (this.#isStopped) {
      await closeServer(server);
      throw new Error('the gateway stops');
    }
    this.#open.set(listener, route);
    this.#deps.log.info('a route was opened', { mode: kind, host, port });
    let closing: Promise<void> | undefined;
    return {
      port,
      visitors: () => this.#visitorsOf(route),
      close: () => (closing ??= this.#close(route)),
    };
  }

  /** @throws AppError `tailscale/needs-secret` or `tailscale/needs-password` when an open route would become weaker. */
  check(auth: GatewayAuth): void {
    for (const { listener } of this.#open.values()) checkRoute(listener.kind, auth);
  }

  /** Whom to ask about what comes by this listener; absent when it is no open route. */
  tailnetOf(listener: Listener): Tailnet | undefined {
    return this.#open.get(listener)?.request.tailnet;
  }

  /** Somebody was let in for who it is. */
  letIn({ listener, identity }: Pick<Connection, 'listener' | 'identity'>): void {
    if (identity !== undefined) this.#open.get(listener)?.visitors.letInAs(identity.address, identity.peer);
  }

  /** No route is opened from now on. Returns the servers of those that are open, for the gateway to close with its own. */
  stop(): readonly Server[] {
    this.#isStopped = true;
    return [...this.#open.values()].map(({ server }) => server);
  }

  async #close({ listener, server }: Route): Promise<void> {
    const { log } = this.#deps;
    this.#open.delete(listener);
    await closeListener({ listener, server }, 'route closed', this.#deps);
    log.info('a route was closed', { mode: listener.kind, host: listener.host });
  }

  #visitorsOf({ visitors }: Route): readonly VisitorView[] {
    return visitors.views((address) => this.#deps.authenticator.isLockedOut(address));
  }

  #came({ visitors, request }: Route, { client, routeFault }: Ingress): void {
    if (routeFault !== undefined || !visitors.came(client) || !isTailnetAddress(client)) return;
    if (this.#namesAsked >= MAX_NAMES_ASKED) return;
    this.#namesAsked += 1;
    void request.tailnet
      .whois(client)
      .then(
        (peer) => peer && visitors.isOf(client, peer),
        (error: unknown) => this.#deps.log.debug('nobody said whose address it is', { client, error }),
      )
      .finally(() => (this.#namesAsked -= 1));
  }
}

/** What is open to a tailnet needs a secret, and what is open to everybody a password that nobody guesses. */
function checkRoute(mode: RouteListener['kind'], auth: GatewayAuth): void {
  const secret = secretOf(auth) ?? '';
  if (mode === 'funnel') {
    if (auth.mode !== 'password' || !isStrongSecret(secret))
      throw fail('tailscale/needs-password', { mode: auth.mode });
  } else if (secret.length < MIN_SECRET_LENGTH) throw fail('tailscale/needs-secret', { mode: auth.mode });
}
