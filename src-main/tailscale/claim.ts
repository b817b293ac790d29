import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import type { Clock, Companion, CompanionStarter } from '../platform/ports.ts';
import { programFault } from './program-fault.ts';
import type { ClaimedRoute } from './serve-config.ts';

export interface ClaimDeps {
  readonly companions: CompanionStarter;
  readonly clock: Clock;
  /** Absolute. */
  readonly program: string;
  /** Before all others: which daemon is meant. */
  readonly socketWords: readonly string[];
  /** Told before there is a program, of the folder that it will work in: a crash may come at any moment. */
  readonly onClaiming: (folder: string) => Promise<void>;
}

/** A route that Tailscale keeps for as long as a program of its own runs for us. */
export interface Claim {
  readonly pid: number | undefined;
  /** Settles with why, when the program has ended. */
  readonly lost: Promise<AppError>;
  /** Resolves when the program is gone, and the daemon has been told by that. */
  close(): Promise<void>;
}

/** Said once the daemon has taken the route, and not before. */
const READY = 'Press Ctrl+C to exit.';
const READY_LIMIT_MS = 20_000;
const MAX_LINES = 40;

/**
 * Claims a port in the foreground: the route ends with the program, and the program with us, however we end. Never in the
 * background, where a route would outlive everybody.
 *
 * @throws AppError `tailscale/port-taken`, `tailscale/not-permitted`, …, `tailscale/claim-failed`; nothing is claimed then
 */
export async function openClaim(route: ClaimedRoute, deps: ClaimDeps, signal: AbortSignal): Promise<Claim> {
  const words = [route.mode, '--yes', '--bg=false', `--https=${route.port}`, route.target];
  const companion = await deps.companions.start(deps.program, async (folder) => {
    await deps.onClaiming(folder);
    return [...deps.socketWords, ...words];
  });
  const said = new Said(companion);
  const lost = companion.ended.then(({ exitCode, error }) => {
    const spoken = programFault(said.text, route.port);
    if (error !== undefined) return fail('tailscale/claim-failed', { words: 'its program could not be run' }, error);
    // A silent end means that somebody else changed the routes, or that the daemon gave up on us.
    if (said.isReady && (exitCode === 0 || spoken === undefined)) return fail('tailscale/claim-lost', {});
    return new AppError(spoken ?? ended(exitCode));
  });
  const end = async (): Promise<void> => {
    companion.end();
    await companion.ended;
  };
  try {
    await untilReady({ said, lost, clock: deps.clock, signal });
  } catch (error) {
    await end();
    throw error;
  }
  return { pid: companion.pid, lost, close: end };
}

/** What the program says, and whether it has said that the route is there. */
class Said {
  readonly #lines: string[] = [];
  readonly #ready = Promise.withResolvers<'ready' | 'asks'>();
  isReady = false;

  constructor(companion: Companion) {
    companion.onErrorLine((line) => this.#take(line));
    companion.onOutLine((line) => {
      if (line.trim() === READY) {
        this.isReady = true;
        this.#ready.resolve('ready');
      } else {
        this.#take(line);
        // It waits for ever for a person to allow it in the browser, or ends well without having done anything.
        if (/https:\/\/login\.tailscale\.com\/f\//.test(line)) this.#ready.resolve('asks');
      }
    });
  }

  /** `asks`: a person has to allow it at an address that it named. */
  get outcome(): Promise<'ready' | 'asks'> {
    return this.#ready.promise;
  }

  /** Without what it says of the route itself. */
  get text(): string {
    return this.#lines.filter((line) => !/^(Available |https:\/\/\S+\.ts\.net|\|--)/.test(line)).join('\n');
  }

  #take(line: string): void {
    if (this.#lines.length < MAX_LINES) this.#lines.push(line);
  }
}

interface Readiness {
  readonly said: Said;
  readonly lost: Promise<AppError>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function untilReady({ said, lost, clock, signal }: Readiness): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  const late = fail('tailscale/claim-failed', { words: 'its program did not get ready within 20 s' });
  const stopTimer = clock.after(READY_LIMIT_MS, () => stopped.reject(late));
  const abort = (): void => stopped.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    const outcome = await Promise.race([said.outcome, lost, stopped.promise]);
    if (outcome instanceof AppError) throw outcome;
    if (outcome === 'asks') throw new AppError(programFault(said.text) ?? ended(0));
  } finally {
    stopTimer();
    signal.removeEventListener('abort', abort);
  }
}

function ended(exitCode: number | undefined): ErrorInfo {
  const how = exitCode === undefined ? 'by a signal' : `with exit code ${exitCode}`;
  return { code: 'tailscale/claim-failed', params: { words: `its program ended ${how} and said nothing` } };
}
