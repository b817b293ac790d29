import type { ChildProcess } from 'node:child_process';

/** Ends a child that still runs when this process exits, by an error or by a signal. */
export function endWithUs(child: ChildProcess): void {
  const end = (): void => void child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}
