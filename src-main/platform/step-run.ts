import { describeError, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';

/** What became of one step of a test. */
export interface StepResult<S extends string> {
  readonly step: S;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Milliseconds to a tenth; `undefined` where the step was not measured by itself. */
  readonly ms: number | undefined;
  /** What was seen, in a few words. */
  readonly found: string;
  /** Set exactly when `status` is `failed`. */
  readonly cause?: ErrorInfo;
}

/** Steps that are taken one after the other and told as they end. The time of a step runs from the end of the last. */
export class StepRun<S extends string> {
  readonly #onStep: (result: StepResult<S>) => void;
  #left: readonly S[];
  #sinceMs = performance.now();

  constructor(steps: readonly S[], onStep: (result: StepResult<S>) => void) {
    this.#left = steps;
    this.#onStep = onStep;
  }

  /** The step being taken; `undefined` when all are done. */
  get current(): S | undefined {
    return this.#left[0];
  }

  /** `ms` is less than `elapsedMs` where it turned out only later that the step had gone well. */
  passed(found: string, ms: number = this.elapsedMs): void {
    this.#sinceMs += ms;
    this.#end({ status: 'ok', ms, found });
  }

  /** Passes every step before `step`: they went well together, so none has a time of its own. */
  passedUntil(step: S | undefined, found: string): void {
    while (this.current !== undefined && this.current !== step) this.#end({ status: 'ok', ms: undefined, found });
  }

  /** Fails the step being taken; those that are left are skipped. */
  failed(error: unknown): void {
    const cause = toErrorInfo(error);
    this.#end({ status: 'failed', ms: this.elapsedMs, found: describeError(cause).title, cause });
    this.skipRest('not tried');
  }

  skipRest(found: string): void {
    while (this.current !== undefined) this.#end({ status: 'skipped', ms: undefined, found });
  }

  get elapsedMs(): number {
    return Math.round((performance.now() - this.#sinceMs) * 10) / 10;
  }

  #end(result: Omit<StepResult<S>, 'step'>): void {
    const step = this.current;
    this.#left = this.#left.slice(1);
    if (step !== undefined) this.#onStep({ step, ...result });
  }
}
