import type { Server } from 'node:http';

import type { Clock, Logger } from '../platform/ports.ts';
import type { SocketEnds, SocketOwner } from '../platform/socket-owner.ts';
import type { AccessRules } from './access-rules.ts';
import { createHttpApp } from './http/http-app.ts';
import type { GatewayState } from './methods/method.ts';
import type { Connection } from './protocol/connection.ts';
import type { Hub } from './protocol/hub.ts';
import { IdentityWatch } from './routes/identity-watch.ts';
import { IdentityCheck } from './routes/identity.ts';
import { Routes } from './routes/routes.ts';
import { createLimitedServer } from './server/http-server.ts';
import type { Listener } from './server/listener.ts';
import { OpenAnswers } from './server/open-answers.ts';
import type { ServedCertificate } from './server/served-certificate.ts';
import { SocketServer } from './server/socket-server.ts';

export interface EntranceDeps {
  readonly rules: AccessRules;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hub: Hub;
  readonly state: GatewayState;
  readonly ownerOf: (ends: SocketEnds) => Promise<SocketOwner>;
}

/** What stands between the ports and the rest. */
export class Entrance {
  readonly sockets: SocketServer;
  readonly answers = new OpenAnswers();
  readonly routes: Routes;
  readonly watch: IdentityWatch;
  /** The server of a listener, which does not listen yet. */
  readonly createServer: (listener: Listener, certificate?: ServedCertificate) => Server;

  constructor({ rules, clock, log, hub, state, ownerOf }: EntranceDeps) {
    const { authenticator, ingress } = rules;
    const check: IdentityCheck = new IdentityCheck({
      clock,
      log,
      rules: () => rules.identity,
      tailnetOf: (listener) => this.routes.tailnetOf(listener),
      ownerOf,
      ownUid: process.getuid?.(),
    });
    this.sockets = new SocketServer({
      clock,
      log,
      state,
      authenticator,
      ingress,
      hub,
      nowMs: () => clock.now(),
      devices: state.devices,
      allowedOrigins: () => rules.allowedOrigins,
      approvesLocal: () => rules.nodes.autoApproveLocal,
      identify: (each) => check.identify(each),
    });
    const app = createHttpApp({ state, authenticator, ingress });
    this.createServer = (listener, certificate) => {
      const server = createLimitedServer(app, { ingress, listener, certificate });
      this.sockets.attach(server, listener);
      this.answers.watch(server, listener);
      return server;
    };
    this.routes = new Routes({
      nowMs: () => clock.now(),
      log,
      authenticator,
      ingress,
      hub,
      sockets: this.sockets,
      answers: this.answers,
      createServer: this.createServer,
    });
    this.watch = new IdentityWatch({ clock, log, check, connections: () => hub.connections });
  }

  /** Those of several, in their order. */
  createServers(listeners: readonly Listener[], certificate: ServedCertificate | undefined): readonly Server[] {
    return listeners.map((listener) => this.createServer(listener, certificate));
  }

  joined(connection: Connection): void {
    this.routes.letIn(connection);
    this.watch.joined(connection);
  }
}
