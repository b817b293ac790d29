import type { ErrorInfo } from '../../src-main/contract/errors.ts';
import { FIRST_LINE, reduceLine, type BrowserEvent, type BrowserLine } from './browser-line.ts';
import { GatewaySocket, newId, type OpenSocket } from './gateway-socket.ts';
import { readGreeting, readPresence } from './hello-facts.ts';
import type { TokenStore } from './token-store.ts';

export interface BrowserSessionDeps {
  /** WebSocket address of the page's own origin. */
  readonly url: string;
  readonly host: string;
  readonly version: string;
  readonly platform: string;
  readonly tokens: TokenStore;
  readonly open: OpenSocket;
  readonly now: () => number;
  /** Runs `task` once after `delayMs`; returns how to cancel. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  readonly online: () => boolean;
}

const POLL_MS = 10_000;
const POLL_LIMIT_MS = 4_000;
const MISSES_UNTIL_LOST = 2;
const OPEN_LIMIT_MS = 12_000;
/** What is shown to a gateway that may know who comes. */
const NO_TOKEN = '';

/** The line of this page to the gateway that served it: drives the reducer, and owns its socket and its timer. */
export class BrowserSession {
  readonly #deps: BrowserSessionDeps;
  readonly #instanceId = newId();
  readonly #listeners = new Set<() => void>();
  #line: BrowserLine = FIRST_LINE;
  #token: string | undefined;
  #socket: GatewaySocket | undefined;
  /** The one timer: end of an opening, next measurement or next attempt, whichever the state has. */
  #cancelTimer: (() => void) | undefined;
  #misses = 0;
  #polling = false;

  constructor(deps: BrowserSessionDeps) {
    this.#deps = deps;
  }

  readonly read = (): BrowserLine => this.#line;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Goes on with the token of this tab. Without one it asks once whether that is needed: by Tailscale Serve, which is
   * always encrypted, the gateway may be told who comes.
   */
  start(): void {
    const token = this.#deps.tokens.read();
    if (token !== undefined) this.#signIn(token, true);
    else if (this.#deps.url.startsWith('wss:')) this.#signIn(NO_TOKEN, false);
  }

  /** Tries a token. It is kept only once the gateway accepted it. */
  signIn(token: string): void {
    this.#signIn(token, false);
  }

  readonly signOut = (): void => {
    this.#deps.tokens.forget();
    this.#token = undefined;
    this.#dispatch({ type: 'signed-out' });
  };

  /** Tries at once when it waits, measures at once when it is connected. */
  readonly retry = (): void => {
    const { state } = this.#line;
    if (state.status === 'connected') void this.#poll();
    else this.#dispatch({ type: 'retry-due', atMs: this.#deps.now() });
  };

  /** The computer woke up or is online again. A lockout is still waited out. */
  readonly wake = (): void => {
    const { state } = this.#line;
    if (state.status === 'connected') void this.#poll();
    if (state.status === 'waiting' && state.cause.code !== 'gateway/rate-limited') this.retry();
  };

  close(): void {
    this.#disarm();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #signIn(token: string, remembered: boolean): void {
    this.#token = token;
    this.#dispatch({ type: 'signed-in', atMs: this.#deps.now(), remembered });
  }

  #dispatch(event: BrowserEvent): void {
    const before = this.#line;
    this.#line = reduceLine(before, event);
    if (this.#line === before) return;
    if (this.#line.state !== before.state) this.#carryOut();
    for (const listener of this.#listeners) listener();
  }

  /** Brings socket and timer in line with the new state. */
  #carryOut(): void {
    const { state } = this.#line;
    this.#disarm();
    if (state.status !== 'connected') {
      this.#socket?.close();
      this.#socket = undefined;
    }
    switch (state.status) {
      case 'connecting':
        return this.#open();
      case 'connected':
        this.#misses = 0;
        return void this.#poll();
      case 'waiting':
        return this.#arm(state.retryAtMs - this.#deps.now(), this.retry);
      case 'signed-out':
        if (state.cause?.code === 'gateway/token-mismatch') this.#deps.tokens.forget();
        return undefined;
      case 'failed':
        return undefined;
    }
  }

  #open(): void {
    const { url, host, version, platform, open, now, online } = this.#deps;
    const socket = new GatewaySocket({
      url,
      gateway: this.#line.gatewayName ?? host,
      token: this.#token ?? '',
      version,
      platform,
      instanceId: this.#instanceId,
      open,
      now,
      online,
      onHello: (hello) => this.#greeted(hello),
      onEvent: (event, payload) => this.#heard(event, payload),
      onLost: (cause) => this.#lost(cause),
    });
    this.#socket = socket;
    this.#arm(OPEN_LIMIT_MS, () => socket.giveUp());
  }

  #greeted(hello: unknown): void {
    if (this.#token !== undefined && this.#token !== NO_TOKEN) this.#deps.tokens.write(this.#token);
    this.#dispatch({ type: 'greeted', atMs: this.#deps.now(), ...readGreeting(hello, this.#deps.now()) });
    void this.#socket?.request('system-presence', POLL_LIMIT_MS).then(
      (answer) => this.#heard('presence', answer),
      // The greeting already told who is there; this only confirms it.
      () => undefined,
    );
  }

  #heard(event: string, payload: unknown): void {
    const presence = event === 'presence' ? readPresence(payload) : undefined;
    if (presence !== undefined) this.#dispatch({ type: 'presence-changed', presence });
  }

  #lost(cause: ErrorInfo): void {
    // Nobody has typed anything yet that could have been wrong.
    if (this.#token === NO_TOKEN && !this.#line.accepted) return this.signOut();
    this.#dispatch({ type: 'lost', atMs: this.#deps.now(), cause, delayMs: this.#delayAfter(cause) });
  }

  /** 0.5 s doubling to 30 s, each spread by a quarter; a lockout is waited out to its end plus a second. */
  #delayAfter(cause: ErrorInfo): number {
    const { now, random } = this.#deps;
    if (cause.code === 'gateway/rate-limited') return Math.max(1_000, cause.params.retryAtMs + 1_000 - now());
    const { state } = this.#line;
    const failures = state.status === 'connecting' ? Math.min(state.attempt - 1, 10) : 0;
    return Math.round(Math.min(30_000, 500 * 2 ** failures) * (0.75 + random() / 2));
  }

  /** One round trip through everything: the call that `openclaw health` makes. */
  async #poll(): Promise<void> {
    const socket = this.#socket;
    if (this.#polling || socket === undefined) return;
    this.#polling = true;
    this.#disarm();
    const sentAtMs = performance.now();
    const answered = await socket.request('health', POLL_LIMIT_MS).then(
      () => true,
      () => false,
    );
    this.#polling = false;
    if (this.#socket !== socket || this.#line.state.status !== 'connected') return;
    this.#misses = answered ? 0 : this.#misses + 1;
    const ms = answered ? performance.now() - sentAtMs : undefined;
    this.#dispatch({ type: 'measured', atMs: this.#deps.now(), ms });
    if (this.#misses >= MISSES_UNTIL_LOST) return socket.giveUp();
    this.#arm(answered ? POLL_MS : 0, () => void this.#poll());
  }

  #arm(delayMs: number, task: () => void): void {
    this.#disarm();
    this.#cancelTimer = this.#deps.after(Math.max(0, delayMs), task);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
