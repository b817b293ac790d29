import type { CallHandlers, Unsubscribe } from '../contract/calls.ts';
import type { TestReport, TestStep, TestStepResult, TestSubject } from '../contract/connection-test.ts';
import { fail } from '../contract/errors.ts';
import type { Clock } from '../platform/ports.ts';

/** A test that is ready to go: it resolves when it has ended, and rejects with the reason of `signal`. */
export interface PreparedTest {
  readonly plan: readonly TestStep[];
  readonly go: (onStep: (result: TestStepResult) => void, signal: AbortSignal) => Promise<unknown>;
}

export interface TestRunsDeps {
  /** @throws AppError when there is no such gateway or what was given cannot be one */
  readonly prepare: (of: TestSubject) => Promise<PreparedTest>;
  readonly clock: Clock;
}

/** More at once is nobody looking at them. */
const MAX_RUNS = 4;
/** Every step has its own, shorter limit; this one ends a test whose window is gone. */
const RUN_LIMIT_MS = 90_000;

/** The connection tests that windows and terminals have started. Owns what cancels them. */
export class TestRuns {
  readonly #deps: TestRunsDeps;
  readonly #running = new Map<string, AbortController>();
  readonly #listeners = new Set<(report: TestReport) => void>();
  #stopped = false;

  constructor(deps: TestRunsDeps) {
    this.#deps = deps;
  }

  get handlers() {
    return {
      'test.run': ({ run, of }) => this.#start(run, of),
      'test.cancel': async ({ run }) => this.#running.get(run)?.abort(),
    } satisfies Partial<CallHandlers>;
  }

  onProgress(listener: (report: TestReport) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Cancels what runs; nothing can be started any more. */
  stop(): void {
    this.#stopped = true;
    for (const abort of this.#running.values()) abort.abort();
  }

  async #start(run: string, of: TestSubject): Promise<TestReport> {
    if (this.#running.has(run) || this.#running.size >= MAX_RUNS || this.#stopped) {
      throw fail('app/input-invalid', { call: 'test.run', problem: 'Too many tests run already; wait for one to end' });
    }
    const abort = new AbortController();
    this.#running.set(run, abort);
    const stopTimer = this.#deps.clock.after(RUN_LIMIT_MS, () => abort.abort());
    try {
      return await this.#go(run, await this.#deps.prepare(of), abort.signal);
    } finally {
      stopTimer();
      this.#running.delete(run);
    }
  }

  async #go(run: string, { plan, go }: PreparedTest, signal: AbortSignal): Promise<TestReport> {
    let report: TestReport = { run, status: 'running', plan, results: [] };
    const tell = (change: Partial<TestReport>): void => {
      report = { ...report, ...change };
      for (const listener of this.#listeners) listener(report);
    };
    tell({});
    try {
      // Preparing takes a moment as well.
      signal.throwIfAborted();
      await go((result) => tell({ results: [...report.results, result] }), signal);
      tell({ status: 'done' });
    } catch (error) {
      if (!signal.aborted) throw error;
      tell({ status: 'cancelled' });
    }
    return report;
  }
}
