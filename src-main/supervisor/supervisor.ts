import type { CallHandlers, Unsubscribe } from '../contract/calls.ts';
import type { TestReport } from '../contract/connection-test.ts';
import { fail, type ErrorInfo } from '../contract/errors.ts';
import type { ExposureMode } from '../contract/exposure.ts';
import {
  LOCAL_GATEWAY,
  type GatewayId,
  type GatewayView,
  type Snapshot,
  type TimelineEvent,
} from '../contract/snapshot.ts';
import type { Forward } from '../contract/tunnel.ts';
import type { Settings } from '../config/settings-schema.ts';
import type { SettingsStore } from '../config/settings-store.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import { createHandlers, type HandlerDeps } from './handlers.ts';
import type { Line } from './line.ts';
import { gatewayView } from './line-view.ts';
import { pickupHandlers, type PickupHandlerDeps } from './pickup-handlers.ts';
import { exposureEvent, NOT_EXPOSED, refusedEvent, settledExposure, type SettledExposure } from './exposure-events.ts';
import type { ExposureSwitch } from './exposure-switch.ts';
import type { SupervisorApi } from './supervisor-api.ts';
import type { TestRuns } from './test-runs.ts';
import { eventBetween, settledState, type NewEvent, type SettledState } from './timeline.ts';

export interface SupervisorDeps extends HandlerDeps, PickupHandlerDeps {
  readonly tests: TestRuns;
  readonly exposure: Pick<ExposureSwitch, 'handlers'>;
  readonly settings: SettingsStore;
  /** Builds the line of one gateway of the settings; `onChange` is to be called after every change of it. */
  readonly createLine: (id: GatewayId, settings: Settings, onChange: () => void) => Line;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly computer: string;
}

const KEPT_EVENTS = 50;

/** The application: compares the stored wish with what the lines do, and publishes one snapshot of it all. */
export class Supervisor implements SupervisorApi {
  readonly handlers: CallHandlers;
  readonly #deps: SupervisorDeps;
  readonly #lines = new Map<GatewayId, Line>();
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #settled = new Map<GatewayId, SettledState>();
  readonly #exposed = new Map<GatewayId, SettledExposure>();
  readonly #startedAtMs: number;
  #views: readonly GatewayView[] = [];
  #events: readonly TimelineEvent[] = [];
  #problems: readonly ErrorInfo[] = [];
  #use: GatewayId | undefined;
  #revision = 0;
  #turn: Promise<void> = Promise.resolve();
  #publishing = false;
  #stopped = false;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#startedAtMs = deps.clock.now();
    const lines = {
      snapshot: () => this.snapshot,
      apply: () => this.#apply(),
      rebuild: (id: GatewayId) => this.#rebuild(id),
      setForwards: (id: GatewayId, forwards: readonly Forward[]) => this.#setForwards(id, forwards),
      retry: (id: GatewayId) => this.#lineOf(id).start(),
      signIn: (id: GatewayId) => this.#lineOf(id).signIn,
      linkOf: (id: GatewayId) => this.#lines.get(id)?.link,
      pinOf: (id: GatewayId) => this.#lines.get(id)?.tlsFingerprint,
    };
    this.handlers = {
      ...createHandlers(deps, lines),
      ...pickupHandlers(deps, lines),
      ...deps.tests.handlers,
      ...deps.exposure.handlers,
    };
  }

  get snapshot(): Snapshot {
    return {
      revision: this.#revision,
      app: { version: this.#deps.version, computer: this.#deps.computer, startedAtMs: this.#startedAtMs },
      use: this.#use,
      gateways: this.#views,
      problems: this.#problems,
      events: this.#events,
    };
  }

  onChange(listener: (snapshot: Snapshot) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onTestProgress(listener: (report: TestReport) => void): Unsubscribe {
    return this.#deps.tests.onProgress(listener);
  }

  async start(): Promise<void> {
    const { problems } = await this.#deps.settings.load();
    this.#problems = [...problems, ...(await this.#deps.configProblems())];
    await this.#apply();
  }

  /** A wish for another exposure was not carried out. */
  exposureRefused(mode: ExposureMode, cause: ErrorInfo): void {
    this.#note({ gateway: LOCAL_GATEWAY, ...refusedEvent(mode, cause) });
    this.#changed();
  }

  /** Ends a line and, where it is wanted, begins it anew. */
  restart(id: GatewayId): Promise<void> {
    return this.#rebuild(id);
  }

  /** A gateway is about to get another secret, which is known here. */
  renew(id: GatewayId): void {
    this.#lines.get(id)?.renew();
  }

  /** Something that is shown has changed beside the lines. */
  changed(): void {
    this.#changed();
  }

  power(event: 'suspend' | 'resume'): void {
    this.#deps.log.info('power event', { event });
    for (const line of this.#lines.values()) line[event]();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#deps.tests.stop();
    await this.#apply();
    this.#listeners.clear();
  }

  /** Brings the lines in accord with the wish. Reads the wish only when its turn comes: the last of many wins. */
  #apply(): Promise<void> {
    return this.#inTurn(() => this.#applyOnce());
  }

  /** Replaces a line whose record has changed; it comes back up when it is the one in use. */
  async #rebuild(id: GatewayId): Promise<void> {
    await this.#inTurn(async () => {
      await this.#lines.get(id)?.stop();
      this.#lines.delete(id);
    });
    await this.#apply();
  }

  /** What runs over the line goes on, where its engine can do that. */
  async #setForwards(id: GatewayId, forwards: readonly Forward[]): Promise<void> {
    let isDone = false;
    await this.#inTurn(async () => {
      isDone = (await this.#lines.get(id)?.setForwards(forwards)) === true;
    });
    await (isDone ? this.#apply() : this.#rebuild(id));
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task);
    this.#turn = done.catch((error: unknown) => this.#deps.log.error('a change was not carried out', { error }));
    return done;
  }

  async #applyOnce(): Promise<void> {
    const settings = this.#deps.settings.current;
    const ids = [LOCAL_GATEWAY, ...settings.gateways.map(({ id }) => id)];
    const wanted = this.#stopped ? [] : wantedLines(settings);
    const leaving = [...this.#lines].filter(([id, line]) => !ids.includes(id) || (line.wanted && !wanted.includes(id)));
    // The next gateway may want the very port that this one holds, so closed means closed.
    await Promise.all(leaving.map(([, line]) => line.stop()));
    for (const [id] of leaving) if (!ids.includes(id)) this.#lines.delete(id);
    for (const id of ids) {
      if (!this.#lines.has(id))
        this.#lines.set(
          id,
          this.#deps.createLine(id, settings, () => this.#changed()),
        );
    }
    for (const id of wanted) {
      const line = this.#lines.get(id);
      if (line?.wanted === false) line.start();
    }
    this.#publish();
  }

  #lineOf(id: GatewayId): Line {
    const line = this.#lines.get(id);
    if (line === undefined) throw fail('gateway/unknown', { name: id });
    return line;
  }

  /** Several parts of a line change together; one snapshot is enough for them. */
  #changed(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    queueMicrotask(() => {
      this.#publishing = false;
      this.#publish();
    });
  }

  #publish(): void {
    const ids = [LOCAL_GATEWAY, ...this.#deps.settings.current.gateways.map(({ id }) => id)];
    this.#views = ids.flatMap((id) => {
      const line = this.#lines.get(id);
      return line === undefined ? [] : [gatewayView(line.facts())];
    });
    for (const view of this.#views) this.#remember(view);
    this.#use = this.#deps.settings.current.use;
    this.#revision += 1;
    const { snapshot } = this;
    for (const listener of this.#listeners) listener(snapshot);
  }

  #remember(view: GatewayView): void {
    const state = settledState(view.state);
    if (state !== undefined) {
      this.#note(eventBetween(this.#settled.get(view.id) ?? { status: 'off' }, state, view));
      this.#settled.set(view.id, state);
    }
    const exposure = settledExposure(view.exposure);
    if (exposure === undefined) return;
    const event = exposureEvent(this.#exposed.get(view.id) ?? NOT_EXPOSED, exposure, this.#deps.clock.now());
    this.#exposed.set(view.id, exposure);
    if (event !== undefined) this.#note({ gateway: view.id, ...event });
  }

  #note(event: NewEvent | undefined): void {
    if (event === undefined) return;
    const id = (this.#events[0]?.id ?? 0) + 1;
    this.#events = [{ id, atMs: this.#deps.clock.now(), ...event }, ...this.#events].slice(0, KEPT_EVENTS);
  }
}

/** The line in use and those that are kept beside it; none when switched off. */
function wantedLines({ use, keep }: Settings): readonly GatewayId[] {
  return use === undefined ? [] : [...new Set([use, ...keep])];
}
