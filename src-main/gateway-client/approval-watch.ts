import { fail, retryAdvice, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { GatewaySession } from './gateway-session.ts';

type Unapproved = Extract<ErrorInfo, { code: 'gateway/pairing-required' }>;

export interface ApprovalWatchDeps {
  readonly open: (signal: AbortSignal) => Promise<GatewaySession>;
  readonly clock: Clock;
  readonly log: Logger;
  /** This device is approved, or the answer is another one than before: it is worth connecting. */
  readonly onAnswer: () => void;
}

/** As often as OpenClaw's own apps look. */
const KNOCK_MS = 15_000;

/**
 * Asks a gateway now and then whether a person has approved this device. A request that waits keeps its number when it
 * is made again, at the real gateway (2026.9.6) and at ours, so this makes no other; one that was turned away or has run
 * out comes back with another number, and then a person has to say what is next.
 */
export class ApprovalWatch {
  readonly #deps: ApprovalWatchDeps;
  #awaited: Unapproved | undefined;
  #disarm: (() => void) | undefined;
  #knocking: AbortController | undefined;
  #knocked: Promise<void> = Promise.resolve();

  constructor(deps: ApprovalWatchDeps) {
    this.#deps = deps;
  }

  /** Goes on while `cause` is the same, and ends with any other, or with none. */
  follow(cause: ErrorInfo | undefined): void {
    if (cause === this.#awaited) return;
    this.#end();
    if (!isAsked(cause)) return;
    this.#awaited = cause;
    this.#arm(cause);
  }

  /** Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#end();
    await this.#knocked;
  }

  #end(): void {
    this.#awaited = undefined;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#knocking?.abort();
  }

  #arm(cause: Unapproved): void {
    this.#disarm = this.#deps.clock.after(KNOCK_MS, () => {
      this.#knocked = this.#knock(cause);
    });
  }

  async #knock(cause: Unapproved): Promise<void> {
    const knocking = new AbortController();
    this.#knocking = knocking;
    const isOver = await this.#isOver(cause, knocking.signal);
    if (this.#awaited !== cause || knocking.signal.aborted) return;
    if (!isOver) return this.#arm(cause);
    this.#awaited = undefined;
    this.#deps.onAnswer();
  }

  async #isOver(before: Unapproved, signal: AbortSignal): Promise<boolean> {
    try {
      const session = await this.#deps.open(signal);
      await session.close();
      return true;
    } catch (error) {
      const now = toErrorInfo(error);
      const isSame = now.code === before.code && now.params.requestId === before.params.requestId;
      this.#deps.log.info('still waits for approval', { code: now.code, isSame });
      return !isSame && retryAdvice(now) !== 'retry';
    }
  }
}

function isAsked(cause: ErrorInfo | undefined): cause is Unapproved {
  if (cause?.code !== 'gateway/pairing-required') return false;
  const { requestId, mayAskAgain, before } = cause.params;
  return requestId !== undefined && mayAskAgain !== false && before === undefined;
}

/**
 * The same error, with the number of the request it comes in the place of.
 * `before`: why this gateway did not let us in the last time.
 */
export function withEarlierRequest(error: unknown, before: ErrorInfo | undefined): unknown {
  const now = toErrorInfo(error);
  if (now.code !== 'gateway/pairing-required' || before?.code !== now.code) return error;
  const earlier = before.params.requestId;
  if (earlier === undefined || earlier === now.params.requestId) return error;
  return fail('gateway/pairing-required', { ...now.params, before: earlier }, error);
}
