import type { CallHandlers, Unsubscribe } from '../contract/calls.ts';
import type { TestReport } from '../contract/connection-test.ts';
import type { Snapshot } from '../contract/snapshot.ts';

/** The application without a transport: the shell, the control socket and the CLI all drive this. */
export interface SupervisorApi {
  readonly handlers: CallHandlers;
  readonly snapshot: Snapshot;
  /** Called after every change with the newest snapshot. */
  onChange(listener: (snapshot: Snapshot) => void): Unsubscribe;
  /** Called after every step of a connection test, and at its end. */
  onTestProgress(listener: (report: TestReport) => void): Unsubscribe;
  /** The operating system said so; a wake is also noticed by itself from the clock. */
  power(event: 'suspend' | 'resume'): void;
  /** Starts what the stored wish asks for. */
  start(): Promise<void>;
  /** Resolves when no listener, process, timer or socket is left. */
  stop(): Promise<void>;
}
