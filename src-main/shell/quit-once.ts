import type { Clock, Logger } from '../platform/ports.ts';
import type { AppApi } from './electron-api.ts';

/** A stop that hangs must not keep a computer from shutting down. */
const STOP_AT_MOST_MS = 10_000;

export interface QuitDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Closes everything; called once. */
  readonly stop: () => Promise<void>;
}

/** Holds every way of quitting until everything is closed, then ends the process. */
export function quitOnce(app: Pick<AppApi, 'on' | 'exit'>, { clock, log, stop }: QuitDeps): void {
  let isStopping = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (isStopping) return;
    isStopping = true;
    const cancel = clock.after(STOP_AT_MOST_MS, () => {
      log.error('the app did not stop in time');
      app.exit(1);
    });
    stop().then(
      () => {
        cancel();
        app.exit(0);
      },
      (error: unknown) => {
        cancel();
        log.error('the app did not stop cleanly', { error });
        app.exit(1);
      },
    );
  });
}
