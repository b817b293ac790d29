import type { CallHandlers, CallName } from '../../contract/calls.ts';
import type { TestReport } from '../../contract/connection-test.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { SupervisorApi } from '../../supervisor/supervisor-api.ts';

/** A supervisor that shows what it is given and remembers what it was asked. */
export class FakeSupervisor implements SupervisorApi {
  readonly asked: string[] = [];
  readonly handlers: CallHandlers;
  /** What a call fails with, by its name. */
  readonly failures = new Map<CallName, Error>();
  #snapshot: Snapshot;
  #listeners: readonly ((snapshot: Snapshot) => void)[] = [];
  #testListeners: readonly ((report: TestReport) => void)[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.handlers = new Proxy({} as CallHandlers, {
      get: (_target, name) => async (input: unknown) => this.#answer(name as CallName, input),
    });
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get listenerCount(): number {
    return this.#listeners.length + this.#testListeners.length;
  }

  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  onTestProgress(listener: (report: TestReport) => void): () => void {
    this.#testListeners = [...this.#testListeners, listener];
    return () => {
      this.#testListeners = this.#testListeners.filter((other) => other !== listener);
    };
  }

  tellTest(report: TestReport): void {
    for (const listener of this.#testListeners) listener(report);
  }

  show(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change, revision: this.#snapshot.revision + 1 };
    for (const listener of this.#listeners) listener(this.#snapshot);
  }

  power(event: 'suspend' | 'resume'): void {
    this.asked.push(event);
  }

  async start(): Promise<void> {
    this.asked.push('start');
  }

  async stop(): Promise<void> {
    this.asked.push('stop');
  }

  #answer(name: CallName, input: unknown): undefined {
    const failure = this.failures.get(name);
    if (failure !== undefined) throw failure;
    this.asked.push(`${name} ${JSON.stringify(input)}`);
  }
}
