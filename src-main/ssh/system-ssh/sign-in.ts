import { assertNever } from '../../contract/assert-never.ts';
import { fail, type AppError } from '../../contract/errors.ts';
import type { Clock, Companion, Logger } from '../../platform/ports.ts';
import { unreachable, type FailureSite } from '../ssh-failure.ts';
import { isChannelEvent, readLogLine, type ChannelEvent, type SignInEvent } from './ssh-log.ts';
import { toSystemSshFailure, type SshWords } from './system-failure.ts';

export interface SignInOptions {
  readonly companion: Companion;
  readonly site: Omit<FailureSite, 'tried' | 'greeting'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of what `ssh` carries, for as long as it runs. */
  readonly onChannelEvent: (event: ChannelEvent) => void;
}

/** A key with a button may wait for a finger, and a host on the way takes its own time. */
const TIMEOUT_MS = 90_000;
const MAX_LINES = 200;

/**
 * Waits until `ssh` is signed in and listens for us; ends it when it fails or `signal` comes.
 * @returns the name of the key that was accepted, or else of the method
 * @throws AppError any `ssh/*` of the catalogue, or the reason of `signal`
 */
export async function signIn(options: SignInOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await new SignIn(options).run(signal);
  } catch (error) {
    options.companion.end();
    await options.companion.ended;
    throw error;
  }
}

class SignIn {
  readonly #options: SignInOptions;
  readonly #lines: string[] = [];
  readonly #offered = new Set<string>();
  readonly #began = Promise.withResolvers<void>();
  #hostKey: SshWords['hostKey'];
  #signedInWith: string | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    const { companion, onChannelEvent } = options;
    companion.onErrorLine((line) => {
      const event = readLogLine(line, companion.pid);
      if (isChannelEvent(event)) onChannelEvent(event);
      else if (event.type !== 'noise') this.#take(event);
    });
  }

  async run(signal: AbortSignal): Promise<string | undefined> {
    const { companion, clock } = this.#options;
    const failed = Promise.withResolvers<never>();
    const abort = (): void => failed.reject(signal.reason as Error);
    const stopTimer = clock.after(TIMEOUT_MS, () => failed.reject(unreachable('timeout', this.#site)));
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const ended = companion.ended.then(({ error }) => {
        throw this.#explain(error);
      });
      await Promise.race([this.#began.promise, ended, failed.promise]);
      return this.#signedInWith;
    } finally {
      stopTimer();
      signal.removeEventListener('abort', abort);
    }
  }

  #take(event: SignInEvent): void {
    switch (event.type) {
      case 'host-key-shown':
        this.#hostKey = { keyType: event.keyType, fingerprint: event.fingerprint };
        return;
      case 'key-offered':
        this.#offered.add(event.name);
        return;
      case 'key-accepted':
        this.#signedInWith = event.name;
        return;
      case 'signed-in':
        this.#signedInWith ??= event.method === 'none' ? undefined : event.method;
        return;
      case 'session-began':
        return this.#began.resolve();
      case 'said':
        if (this.#lines.length < MAX_LINES) this.#lines.push(event.text);
        this.#options.log.debug('ssh said', { text: event.text });
        return;
      default:
        assertNever(event);
    }
  }

  get #site(): FailureSite {
    return { ...this.#options.site, tried: [...this.#offered], greeting: '' };
  }

  #explain(error: Error | undefined): AppError {
    if (error) return fail('ssh/system-ssh-unusable', { problem: startProblem(error) }, error);
    this.#options.log.info('ssh ended before it was signed in', { lines: this.#lines });
    return toSystemSshFailure({ lines: this.#lines, hostKey: this.#hostKey }, this.#site);
  }
}

function startProblem(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no program “ssh”, or no /bin/sh to guard it';
  return error.code === undefined ? error.message : `it does not start (${error.code})`;
}
