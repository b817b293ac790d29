import { randomUUID } from 'node:crypto';

import { GATEWAY_RESTART_UNAVAILABLE_REASON } from '@openclaw/gateway-protocol/restart-unavailable';
import type { WebSocket } from 'ws';

import { toErrorInfo } from '../../contract/errors.ts';
import type { Clock, Logger } from '../../platform/ports.ts';
import type { Role, Surface } from '../devices/device-record.ts';
import { callMethod, type MethodOutcome } from '../methods/call-method.ts';
import type { Caller, GatewayState } from '../methods/method.ts';
import type { TailnetIdentity } from '../routes/identity.ts';
import type { Ingress } from '../server/ingress.ts';
import type { Listener } from '../server/listener.ts';
import { admit, type AdmissionDeps, type Admitted } from './admission.ts';
import { describeIssue, RequestFrame, type ErrorShape, type ResponseFrame } from './frames.ts';
import { helloOk } from './hello.ts';
import { Outbox } from './outbox.ts';
import { MAX_RUNNING_REQUESTS } from './policy.ts';
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
  readonly #outbox: Outbox;
  readonly #ingress: Ingress;
  readonly #deps: ConnectionDeps;
  readonly #nonce: string = randomUUID();
  readonly #running = new Set<Promise<void>>();
  readonly #disarm: () => void;
  #admitted: Admitted | undefined;
  #presence: PresenceEntry | undefined;
  #isConnecting = false;
  #isEnding = false;
  #seq = 0;

  constructor(socket: WebSocket, ingress: Ingress, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket, { clock: deps.clock, log: deps.log, connId: this.id });
    this.#ingress = ingress;
    this.#deps = deps;
    this.#disarm = deps.clock.after(CONNECT_LIMIT_MS, () => socket.close(1000));
    socket.on('message', (data: Buffer) => this.#received(data.toString('utf8')));
    socket.on('close', () => this.#disarm());
    // A reset or an oversized frame ends this one connection; ws closes it by itself.
    socket.on('error', (error) => deps.log.debug('socket error', { error }));
    const payload = { nonce: this.#nonce, ts: deps.clock.now(), capabilities: [] };
    this.#outbox.send(JSON.stringify({ type: 'event', event: 'connect.challenge', payload }));
  }

  /** Where it came in. */
  get listener(): Listener {
    return this.#ingress.listener;
  }

  get presence(): PresenceEntry | undefined {
    return this.#presence;
  }

  /** The device it came in as; absent for clients without one. */
  get deviceId(): string | undefined {
    return this.#admitted?.deviceId;
  }

  /** Who it is, where that is why it was let in. */
  get identity(): TailnetIdentity | undefined {
    return this.#admitted?.identity;
  }

  get role(): Role | undefined {
    return this.#admitted?.role;
  }

  /** Absent for operators. A node is its device. */
  get nodeId(): string | undefined {
    return this.role === 'node' ? this.deviceId : undefined;
  }

  /** What it offers as a node. */
  get surface(): Surface {
    return this.#admitted?.surface ?? { caps: [], commands: [] };
  }

  /** Sends an event with the next number of this connection. A client that does not read is dropped; nobody waits for it. */
  sendEvent(event: string, payload: unknown): void {
    this.sendWritten(event, JSON.stringify(payload));
  }

  /** Like `sendEvent`, with a payload that has been written as JSON for all who get it. `version`: which state it tells of. */
  sendWritten(event: string, payload: string, version?: object): void {
    if (this.#admitted === undefined) return;
    this.#seq += 1;
    const state = version === undefined ? '' : `,"stateVersion":${JSON.stringify(version)}`;
    const name = JSON.stringify(event);
    this.#outbox.send(`{"type":"event","event":${name},"payload":${payload},"seq":${this.#seq}${state}}`);
  }

  /** An event outside of the numbered ones, as nodes expect theirs. */
  sendBare(event: string, payload: unknown): void {
    if (this.#admitted !== undefined) this.#outbox.send(JSON.stringify({ type: 'event', event, payload }));
  }

  /** Whether the client may hear of what `scope` guards. */
  hasScope(scope: string): boolean {
    return this.#admitted !== undefined && grants(this.#admitted.scopes, scope);
  }

  /** Requests that are being answered. */
  get running(): readonly Promise<void>[] {
    return [...this.#running];
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Says that it ends soon. What it asked before may finish; what it asks from now on is refused. */
  announceEnd(reason: string): void {
    this.#isEnding = true;
    this.sendEvent('shutdown', { reason });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #received(text: string): void {
    // Whoever was told to go may go on sending for as long as it does not answer the close; nothing of it counts.
    if (!this.isOpen) return;
    const value = parseJson(text);
    if (this.#admitted === undefined) return this.#beforeConnect(value);
    // Bad JSON after the hello is ignored, as the real gateway does.
    if (value === undefined) return;
    const frame = RequestFrame.safeParse(value);
    if (frame.success) return this.#answer(frame.data, this.#admitted);
    const message = `invalid request frame: ${describeIssue(frame.error)}`;
    this.#refuse(idOf(value) ?? 'invalid', { code: 'INVALID_REQUEST', message });
  }

  #beforeConnect(value: unknown): void {
    if (value === undefined) return this.close(1000, '');
    const frame = RequestFrame.safeParse(value);
    if (!frame.success) return this.close(1008, 'invalid request frame');
    if (frame.data.method !== 'connect') {
      const message = 'invalid handshake: first request must be connect';
      this.#refuse(frame.data.id, { code: 'INVALID_REQUEST', message });
      return this.close(1008, message);
    }
    // Whatever follows a connect that is still being decided is not answered.
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    this.#connect(frame.data).catch((error: unknown) => this.#connectFailed(frame.data.id, error));
  }

  async #connect({ id, params }: RequestFrame): Promise<void> {
    const { authenticator } = this.#deps;
    const { generation } = authenticator;
    const outcome = await admit(params, { ingress: this.#ingress, nonce: this.#nonce }, this.#deps);
    if (!this.isOpen) return;
    if (authenticator.generation !== generation) return this.close(4001, 'gateway auth changed');
    if (outcome.status === 'refused') {
      const { error, closeCode, closeReason = error.message } = outcome;
      this.#refuse(id, error);
      // A close reason holds 123 bytes at most (RFC 6455, 5.5).
      return this.close(closeCode, closeReason.slice(0, 120));
    }
    this.#disarm();
    this.#admitted = outcome;
    const { client: ip } = this.#ingress;
    this.#presence = clientEntry(outcome, { ip, connId: this.id, atMs: this.#deps.clock.now() });
    this.#deps.onAdmitted(this);
    this.#write({ type: 'res', id, ok: true, payload: helloOk(outcome, this.id, this.#deps.state) });
  }

  /** A pairing that cannot be kept is the likely reason; the client may come again when the disk is well. */
  #connectFailed(id: string, error: unknown): void {
    this.#deps.log.error('a client could not be let in', { error });
    const details = { code: toErrorInfo(error).code };
    const message = 'the gateway cannot let anybody in right now';
    this.#refuse(id, { code: 'UNAVAILABLE', message, details, retryable: true, retryAfterMs: 5_000 });
    this.close(1013, message);
  }

  #answer(request: RequestFrame, admitted: Admitted): void {
    const { id } = request;
    // A node goes on: what others asked of it before is finished by its answers.
    if (this.#isEnding && admitted.role === 'operator') return this.#refuse(id, ENDING);
    if (this.#running.size >= MAX_RUNNING_REQUESTS) {
      const message = 'too many requests are being answered for this connection';
      return this.#refuse(id, { code: 'UNAVAILABLE', message, retryable: true, retryAfterMs: 250 });
    }
    const { state, log } = this.#deps;
    const outcome = callMethod(request, { state, log, caller: this.#caller(id, admitted) });
    if (!(outcome instanceof Promise)) return this.#respond(id, outcome);
    const answering = outcome.then((later) => this.#respond(id, later));
    this.#running.add(answering);
    void answering.finally(() => this.#running.delete(answering));
  }

  #respond(id: string, outcome: MethodOutcome): void {
    if (!outcome.ok || !(outcome.payload instanceof Written)) return this.#write({ type: 'res', id, ...outcome });
    this.#outbox.send(`{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":${outcome.payload.text}}`);
  }

  #caller(id: string, { role, scopes, deviceId, method }: Admitted): Caller {
    const accept = (payload: unknown): void => this.#write({ type: 'res', id, ok: true, payload });
    return { connId: this.id, role, scopes, deviceId, hasDeviceToken: method === 'device-token', accept };
  }

  #refuse(id: string, error: ErrorShape): void {
    this.#write({ type: 'res', id, ok: false, error });
  }

  #write(frame: ResponseFrame): void {
    this.#outbox.send(JSON.stringify(frame));
  }
}

const ENDING: ErrorShape = {
  code: 'UNAVAILABLE',
  message: 'the gateway is stopping; try again shortly',
  details: { reason: GATEWAY_RESTART_UNAVAILABLE_REASON },
  retryable: true,
  retryAfterMs: 1_000,
};

/** The id of what is no request otherwise, so that its sender knows what was wrong. */
function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return RequestFrame.shape.id.safeParse(id).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
