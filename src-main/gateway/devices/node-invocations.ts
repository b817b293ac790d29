import { randomUUID } from 'node:crypto';

import type { Clock } from '../../platform/ports.ts';
import { KeptOutcomes } from './kept-outcomes.ts';
import type { NodeLine } from './node-registry.ts';

export interface Invocation {
  readonly nodeId: string;
  readonly command: string;
  readonly params: unknown;
  readonly timeoutMs: number;
  readonly idempotencyKey: string;
}

export interface NodeError {
  readonly code: string;
  readonly message: string;
}

export type InvocationOutcome =
  | { readonly status: 'done'; readonly payload: unknown; readonly payloadJSON: string | undefined }
  | { readonly status: 'failed'; readonly error: NodeError };

interface Pending {
  readonly nodeId: string;
  readonly connId: string;
  readonly settle: (outcome: InvocationOutcome) => void;
}

/** A node that does not answer must not fill the memory. */
export const MAX_PENDING_PER_NODE = 64;

/** Commands that were sent to nodes and are being answered. */
export class NodeInvocations {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #kept: KeptOutcomes;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#kept = new KeptOutcomes(clock);
  }

  isFull(nodeId: string): boolean {
    let count = 0;
    for (const pending of this.#pending.values()) if (pending.nodeId === nodeId) count += 1;
    return count >= MAX_PENDING_PER_NODE;
  }

  /** The answer to the same key, given or still to come: a command runs once, however often it is asked for. */
  again({ nodeId, command, idempotencyKey }: Invocation): Promise<InvocationOutcome> | undefined {
    return this.#kept.get(keyOf(nodeId, command, idempotencyKey));
  }

  send(line: NodeLine, invocation: Invocation): Promise<InvocationOutcome> {
    const { nodeId, command, params, timeoutMs, idempotencyKey } = invocation;
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
    const error = { code: 'TIMEOUT', message: 'node invoke timed out' };
    const disarm = this.#clock.after(timeoutMs, () => this.#settle(id, { status: 'failed', error }));
    const settle = (outcome: InvocationOutcome): void => {
      disarm();
      resolve(outcome);
    };
    this.#pending.set(id, { nodeId, connId: line.id, settle });
    this.#kept.keep(keyOf(nodeId, command, idempotencyKey), promise);
    const paramsJSON = params === undefined ? undefined : JSON.stringify(params);
    line.sendBare('node.invoke.request', { id, nodeId, command, paramsJSON, timeoutMs, idempotencyKey });
    return promise;
  }

  /** False for an answer that nobody waits for any more, or that another node gives. */
  answered(id: string, nodeId: string, outcome: InvocationOutcome): boolean {
    return this.#pending.get(id)?.nodeId === nodeId && this.#settle(id, outcome);
  }

  /** Whatever that line was to answer is not answered any more. */
  lost(connId: string): void {
    const error = { code: 'DISCONNECTED', message: 'node disconnected' };
    for (const [id, pending] of this.#pending) {
      if (pending.connId === connId) this.#settle(id, { status: 'failed', error });
    }
  }

  #settle(id: string, outcome: InvocationOutcome): boolean {
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    this.#pending.delete(id);
    pending.settle(outcome);
    return true;
  }
}

function keyOf(nodeId: string, command: string, idempotencyKey: string): string {
  return JSON.stringify([nodeId, command, idempotencyKey]);
}
