import { randomUUID } from 'node:crypto';

import type { WebSocket } from 'ws';

import type { Clock, Logger } from '../../platform/ports.ts';
import { callMethod, type MethodOutcome } from '../methods/call-method.ts';
import type { GatewayState } from '../methods/method.ts';
import type { Ingress } from '../server/ingress.ts';
import { admit, type AdmissionDeps, type Admitted } from './admission.ts';
import { RequestFrame, type ErrorShape, type ResponseFrame } from './frames.ts';
import { helloOk } from './hello.ts';
import { POLICY } from './policy.ts';
import { clientEntry, type PresenceEntry } from './presence.ts';
import { grants } from './scopes.ts';
import { Written } from './written.ts';

export interface ConnectionDeps extends AdmissionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: GatewayState;
  /** Called once, when the client has been let in. */
  readonly onAdmitted: (connection: Connection) => void;
}

const CONNECT_LIMIT_MS = 15_000;

/** One client: from the challenge to the close. */
export class Connection {
  readonly id: string = randomUUID();
  readonly #socket: WebSocket;
  readonly #ingress: Ingress;
  readonly #deps: ConnectionDeps;
  readonly #nonce: string = randomUUID();
  readonly #running = new Set<Promise<void>>();
  readonly #disarm: () => void;
  #admitted: Admitted | undefined;
  #presence: PresenceEntry | undefined;
  #isConnecting = false;
  #seq = 0;

  constructor(socket: WebSocket, ingress: Ingress, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#ingress = ingress;
    this.#deps = deps;
    this.#disarm = deps.clock.after(CONNECT_LIMIT_MS, () => socket.close(1000));
    socket.on('message', (data: Buffer) => this.#received(data.toString('utf8')));
    socket.on('close', () => this.#disarm());
    // A reset or an oversized frame ends this one connection; ws closes it by itself.
    socket.on('error', (error) => deps.log.debug('socket error', { error }));
    this.#write({
      type: 'event',
      event: 'connect.challenge',
      payload: { nonce: this.#nonce, ts: deps.clock.now(), capabilities: [] },
    });
  }

  get presence(): PresenceEntry | undefined {
    return this.#presence;
  }

  /** Sends an event with the next number of this connection. A client that does not read is dropped; nobody waits for it. */
  sendEvent(event: string, payload: unknown): void {
    if (this.#admitted === undefined) return;
    this.#seq += 1;
    this.#write({ type: 'event', event, payload, seq: this.#seq });
  }

  /** Like `sendEvent`, with a payload that has been written as JSON for all who get it. */
  sendWritten(event: string, payload: string): void {
    if (this.#admitted === undefined) return;
    this.#seq += 1;
    this.#send(`{"type":"event","event":${JSON.stringify(event)},"payload":${payload},"seq":${this.#seq}}`);
  }

  /** Whether the client may hear of what `scope` guards. */
  hasScope(scope: string): boolean {
    return this.#admitted !== undefined && grants(this.#admitted.scopes, scope);
  }

  /** Requests that are being answered. */
  get running(): readonly Promise<void>[] {
    return [...this.#running];
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #received(text: string): void {
    const value = parseJson(text);
    if (this.#admitted === undefined) return this.#beforeConnect(value);
    // Bad JSON after the hello is ignored, as the real gateway does.
    if (value === undefined) return;
    const frame = RequestFrame.safeParse(value);
    if (!frame.success) {
      const error: ErrorShape = { code: 'INVALID_REQUEST', message: 'invalid request frame' };
      return this.#write({ type: 'res', id: 'invalid', ok: false, error });
    }
    this.#answer(frame.data, this.#admitted);
  }

  #beforeConnect(value: unknown): void {
    if (value === undefined) return this.close(1000, '');
    const frame = RequestFrame.safeParse(value);
    if (!frame.success) return this.close(1008, 'invalid request frame');
    if (frame.data.method !== 'connect') {
      const message = 'invalid handshake: first request must be connect';
      return this.#refuse(frame.data.id, { code: 'INVALID_REQUEST', message }, 1008);
    }
    // Whatever follows a connect that is still being decided is not answered.
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    void this.#connect(frame.data);
  }

  async #connect({ id, params }: RequestFrame): Promise<void> {
    const outcome = await admit(params, { ingress: this.#ingress, nonce: this.#nonce }, this.#deps);
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (outcome.status === 'refused') return this.#refuse(id, outcome.error, outcome.closeCode);
    this.#disarm();
    this.#admitted = outcome;
    const { peer } = this.#ingress;
    this.#presence = clientEntry(outcome, { peer, connId: this.id, atMs: this.#deps.clock.now() });
    this.#deps.onAdmitted(this);
    const payload = helloOk(outcome, this.id, this.#deps.state);
    this.#write({ type: 'res', id, ok: true, payload });
  }

  #answer(request: RequestFrame, { role, scopes }: Admitted): void {
    const { id } = request;
    const accept = (payload: unknown): void => this.#write({ type: 'res', id, ok: true, payload });
    const { state, log } = this.#deps;
    const caller = { connId: this.id, role, scopes, deviceId: undefined, hasDeviceToken: false, accept };
    const outcome = callMethod(request, { state, log, caller });
    if (!(outcome instanceof Promise)) return this.#respond(id, outcome);
    const answering = outcome.then((later) => this.#respond(id, later));
    this.#running.add(answering);
    void answering.finally(() => this.#running.delete(answering));
  }

  #respond(id: string, outcome: MethodOutcome): void {
    if (!outcome.ok || !(outcome.payload instanceof Written)) return this.#write({ type: 'res', id, ...outcome });
    this.#send(`{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":${outcome.payload.text}}`);
  }

  #refuse(id: string, error: ErrorShape, closeCode: number): void {
    this.#write({ type: 'res', id, ok: false, error });
    // A close reason holds 123 bytes at most (RFC 6455, 5.5).
    this.close(closeCode, error.message.slice(0, 120));
  }

  #write(frame: ResponseFrame | EventFrame): void {
    this.#send(JSON.stringify(frame));
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > POLICY.maxBufferedBytes) {
      this.#deps.log.warn('dropped a client that does not read', { connId: this.id });
      return this.terminate();
    }
    this.#socket.send(text);
  }
}

interface EventFrame {
  readonly type: 'event';
  readonly event: string;
  readonly payload: unknown;
  readonly seq?: number;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
