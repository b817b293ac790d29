import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions, HostCommand, HostReport } from '../contract/gateway-host.ts';
import { backoff } from '../platform/backoff.ts';
import { Keeper, type Kept, type KeeperState } from '../platform/keeper.ts';
import type { Clock, HostProcess, HostProcessStarter, Logger } from '../platform/ports.ts';

/** The embedded gateway as it runs: in a process of its own, or one that was there before us. */
export interface LocalGatewaySession extends Kept {
  readonly port: number;
  readonly attached: boolean;
}

export interface LocalGatewayDeps {
  readonly starter: HostProcessStarter;
  readonly runOptions: () => Promise<GatewayRunOptions>;
  /** Whether a gateway that already listens on the port is to be used instead of ours. */
  readonly attach: () => boolean;
  /** Says who holds a port, and turns `gateway/port-taken` into the fuller error. */
  readonly explainPort: (port: number) => Promise<ErrorInfo>;
  /** Takes each line of the gateway's own log, without its end. */
  readonly onLogLine: (line: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly onChange: () => void;
}

const START_LIMIT_MS = 20_000;
/** The gateway finishes started requests for up to 5 s when it is asked to stop. */
const STOP_LIMIT_MS = 6_500;
const KILL_LIMIT_MS = 2_000;
/** So many crashes in a minute are a loop: starting it once more would not help. */
const CRASHES_IN_A_LOOP = 5;
const LOOP_WINDOW_MS = 60_000;

/** Keeps the embedded gateway running in its own process and starts it again when it crashes. */
export class LocalGateway {
  readonly #deps: LocalGatewayDeps;
  readonly #keeper: Keeper<LocalGatewaySession>;
  #crashedAtMs: readonly number[] = [];

  constructor(deps: LocalGatewayDeps) {
    this.#deps = deps;
    this.#keeper = new Keeper<LocalGatewaySession>({
      name: 'local gateway',
      open: (signal) => this.#open(signal),
      policy: backoff({ firstMs: 300, maxMs: 10_000, random: deps.random }),
      clock: deps.clock,
      log: deps.log,
      onChange: deps.onChange,
    });
  }

  get state(): KeeperState<LocalGatewaySession> {
    return this.#keeper.state;
  }

  start(): void {
    this.#crashedAtMs = [];
    this.#keeper.start();
  }

  stop(): Promise<void> {
    return this.#keeper.stop();
  }

  async #open(signal: AbortSignal): Promise<LocalGatewaySession> {
    const options = await this.#deps.runOptions();
    signal.throwIfAborted();
    const run = new HostRun(this.#deps, options);
    const abort = (): void => void run.stop();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const port = await run.listening;
      return { port, attached: false, lost: run.exited.then(() => this.#crashed(run)), close: () => run.stop() };
    } catch (error) {
      await run.stop();
      if (!(error instanceof AppError) || error.info.code !== 'gateway/port-taken') throw error;
      return await this.#portTaken(options.port);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #portTaken(port: number): Promise<LocalGatewaySession> {
    const info = await this.#deps.explainPort(port);
    if (info.code !== 'gateway/port-taken-by-gateway' || !this.#deps.attach()) throw new AppError(info);
    const gone = Promise.withResolvers<unknown>();
    return { port, attached: true, lost: gone.promise, close: async () => gone.resolve(undefined) };
  }

  #crashed(run: HostRun): AppError {
    const nowMs = this.#deps.clock.now();
    this.#crashedAtMs = [...this.#crashedAtMs, nowMs].filter((atMs) => nowMs - atMs < LOOP_WINDOW_MS);
    const crashes = this.#crashedAtMs.length;
    const { exitCode, lastLine } = run;
    return crashes >= CRASHES_IN_A_LOOP
      ? fail('gateway/crash-loop', { crashes, lastLine })
      : fail('gateway/crashed', { exitCode, lastLine });
  }
}

/** One run of the gateway process, from its start to its exit. */
class HostRun {
  readonly #deps: LocalGatewayDeps;
  readonly #process: HostProcess;
  readonly #listening = Promise.withResolvers<number>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #disarm: () => void;
  exitCode: number | undefined;
  lastLine: string | undefined;

  constructor(deps: LocalGatewayDeps, options: GatewayRunOptions) {
    this.#deps = deps;
    this.#process = deps.starter.start('gateway-host');
    this.#process.onMessage((message) => this.#heard(message as HostReport, options));
    this.#process.onErrorLine((line) => {
      this.lastLine = lastWords(line);
      deps.onLogLine(line);
    });
    this.#process.onExit((exitCode) => this.#ended(exitCode));
    this.#disarm = deps.clock.after(START_LIMIT_MS, () => {
      this.#listening.reject(fail('gateway/silent', { url: `http://127.0.0.1:${options.port}` }));
    });
  }

  /** The port it listens on; rejects when it could not start. */
  get listening(): Promise<number> {
    return this.#listening.promise;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** Asks, then insists. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#disarm();
    this.#listening.reject(new Error('stopped'));
    const { clock } = this.#deps;
    this.#send({ type: 'stop', reason: 'gateway stopping' });
    const insist = clock.after(STOP_LIMIT_MS, () => this.#process.kill('SIGTERM'));
    const kill = clock.after(STOP_LIMIT_MS + KILL_LIMIT_MS, () => this.#process.kill('SIGKILL'));
    await this.exited;
    insist();
    kill();
  }

  #send(command: HostCommand): void {
    this.#process.send(command);
  }

  #heard(report: HostReport, options: GatewayRunOptions): void {
    switch (report.type) {
      case 'ready':
        return this.#send({ type: 'start', options });
      case 'listening':
        this.#disarm();
        return this.#listening.resolve(report.port);
      case 'failed':
        this.#disarm();
        return this.#listening.reject(new AppError(report.error));
      case 'stopped':
        return;
    }
  }

  #ended(exitCode: number | undefined): void {
    this.#disarm();
    this.exitCode = exitCode;
    this.#exited.resolve();
    this.#listening.reject(fail('gateway/crashed', { exitCode, lastLine: this.lastLine }));
  }
}

/** What a person can read of a line: the message of a log record, or the line itself where Node spoke. */
function lastWords(line: string): string {
  try {
    const { message } = JSON.parse(line) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not a log record: a crash writes plain text.
  }
  return line.slice(0, 200);
}
