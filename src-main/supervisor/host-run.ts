import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions, HostCommand, HostReport } from '../contract/gateway-host.ts';
import type { Clock, HostProcess, HostProcessStarter } from '../platform/ports.ts';
import { ExposureTalk } from './exposure-talk.ts';

export interface HostRunDeps {
  readonly starter: HostProcessStarter;
  /** Takes each line of the gateway's own log, without its end. */
  readonly onLogLine: (line: string) => void;
  readonly clock: Clock;
  /** The process told something about who can reach the gateway. */
  readonly onChange: () => void;
}

/** Where the gateway is reached right now. */
export interface GatewayPlace {
  /** `ws://127.0.0.1:18789`, or with `wss:`. Absent while its address is gone. */
  readonly url: string | undefined;
  /** Why it listens nowhere though there is an address. */
  readonly cause?: ErrorInfo | undefined;
  readonly sinceMs: number;
  /** Of the one certificate it shows. */
  readonly tlsFingerprint: string | undefined;
}

const START_LIMIT_MS = 20_000;
/** The gateway finishes started requests for up to 5 s when it is asked to stop. */
const STOP_LIMIT_MS = 6_500;
const KILL_LIMIT_MS = 2_000;

/** One run of the gateway process, from its start to its exit. */
export class HostRun {
  readonly #deps: HostRunDeps;
  readonly #process: HostProcess;
  readonly #listening = Promise.withResolvers<number>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #disarm: () => void;
  readonly talk: ExposureTalk;
  #place: GatewayPlace = { url: undefined, sinceMs: 0, tlsFingerprint: undefined };
  exitCode: number | undefined;
  lastLine: string | undefined;

  constructor(deps: HostRunDeps, options: GatewayRunOptions) {
    this.#deps = deps;
    this.#process = deps.starter.start('gateway-host');
    this.talk = new ExposureTalk({
      send: (command) => this.#send(command),
      clock: deps.clock,
      onChange: deps.onChange,
    });
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

  get place(): GatewayPlace {
    return this.#place;
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
        this.#place = this.#placeAt(report.url, report.fingerprint);
        return this.#listening.resolve(report.port);
      case 'moved':
        this.#place = { ...this.#placeAt(report.url, this.#place.tlsFingerprint), cause: report.cause };
        return this.#deps.onChange();
      case 'failed':
        this.#disarm();
        return this.#listening.reject(new AppError(report.error));
      case 'planned':
      case 'devices-counted':
      case 'exposed':
      case 'exposure-changed':
      case 'access-changed':
        return this.talk.heard(report);
      case 'stopped':
        return;
    }
  }

  #placeAt(url: string | undefined, tlsFingerprint: string | undefined): GatewayPlace {
    return { url: url?.replace(/^http/, 'ws'), sinceMs: this.#deps.clock.now(), tlsFingerprint };
  }

  #ended(exitCode: number | undefined): void {
    this.#disarm();
    this.exitCode = exitCode;
    const crashed = fail('gateway/crashed', { exitCode, lastLine: this.lastLine });
    this.talk.ended(crashed);
    this.#exited.resolve();
    this.#listening.reject(crashed);
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
