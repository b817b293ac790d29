import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import type { ExposurePlan, ExposureView, ExposureWish, GatewayAccess, TailnetDevices } from '../contract/exposure.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import { backoff } from '../platform/backoff.ts';
import { Keeper, type Kept, type KeeperState } from '../platform/keeper.ts';
import type { Clock, HostProcessStarter, Logger } from '../platform/ports.ts';
import type { ExposureTalk } from './exposure-talk.ts';
import { HostRun, type GatewayPlace } from './host-run.ts';

/** The embedded gateway as it runs: in a process of its own, or one that was there before us. */
export interface LocalGatewaySession extends Kept {
  readonly port: number;
  /** Where it is reached right now. */
  readonly place: () => GatewayPlace;
  readonly attached: boolean;
  /** Absent where another program started it. */
  readonly talk: ExposureTalk | undefined;
}

/** What the process of the gateway told about who can reach it. */
export interface ExposureFacts {
  readonly access: GatewayAccess;
  readonly view: ExposureView;
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

/** So many crashes in a minute are a loop: starting it once more would not help. */
const CRASHES_IN_A_LOOP = 5;
const LOOP_WINDOW_MS = 60_000;

/** What is so while the process has not told of anything else. */
const CLOSED: ExposureView = {
  wish: { mode: 'off', port: 443, untilMs: undefined },
  state: { status: 'off' },
  before: 'off',
  visitors: [],
};

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

  /** Absent while none of ours runs, and until it has told. */
  get exposure(): ExposureFacts | undefined {
    const talk = this.#session?.talk;
    return talk?.access === undefined ? undefined : { access: talk.access, view: talk.view ?? CLOSED };
  }

  /** @throws AppError `tailscale/no-gateway`, and whatever the process answers */
  async plan(wish: ExposureWish): Promise<ExposurePlan> {
    return this.#talk().plan(wish);
  }

  /** @throws AppError as `plan`; everything is then as it was */
  async expose(wish: ExposureWish): Promise<void> {
    return this.#talk().expose(wish);
  }

  /** @throws AppError as `plan` */
  async devices(): Promise<TailnetDevices | undefined> {
    return this.#talk().devices();
  }

  /** The next time it takes its configuration over. */
  async nextAccess(): Promise<GatewayAccess> {
    return this.#talk().nextAccess();
  }

  get #session(): LocalGatewaySession | undefined {
    const { state } = this.#keeper;
    return state.status === 'open' ? state.session : undefined;
  }

  #talk(): ExposureTalk {
    const session = this.#session;
    if (session?.talk === undefined) throw fail('tailscale/no-gateway', { attached: session !== undefined });
    return session.talk;
  }

  async #open(signal: AbortSignal): Promise<LocalGatewaySession> {
    const options = await this.#deps.runOptions();
    signal.throwIfAborted();
    const run = new HostRun(this.#deps, options);
    const abort = (): void => void run.stop();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const port = await run.listening;
      const lost = run.exited.then(() => this.#crashed(run));
      return { port, place: () => run.place, attached: false, talk: run.talk, lost, close: () => run.stop() };
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
    const close = async (): Promise<void> => gone.resolve(undefined);
    const place = { url: `ws://127.0.0.1:${port}`, sinceMs: this.#deps.clock.now(), tlsFingerprint: undefined };
    return { port, place: () => place, attached: true, talk: undefined, lost: gone.promise, close };
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
