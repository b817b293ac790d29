import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

import { writeWhole } from '../state.ts';
import { without } from '../without.ts';

export interface Handler {
  readonly Proxy?: string;
  readonly Text?: string;
}

export interface TcpHandler {
  readonly HTTPS?: boolean;
  readonly HTTP?: boolean;
  readonly TCPForward?: string;
}

/** Routes of one owner, ipn/serve.go of Tailscale. */
export interface Part {
  TCP?: Record<string, TcpHandler>;
  Web?: Record<string, { Handlers: Record<string, Handler> }>;
  AllowFunnel?: Record<string, boolean>;
}

export interface ServeConfig extends Part {
  Foreground?: Record<string, Part>;
}

/** Why a configuration is not taken, with the status of its answer. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The routes of one daemon: those in the background are kept in a file, those of a session live with it. */
export class Routes {
  readonly #file: string;
  #config: ServeConfig;
  readonly #sessions = new Map<string, () => void>();

  constructor(file: string) {
    this.#file = file;
    const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ServeConfig) : {};
    this.#config = without(kept as Record<string, never>, 'Foreground');
  }

  get config(): ServeConfig {
    return this.#config;
  }

  /** Of the configuration as it is; a writer names it to be refused when somebody else was quicker. */
  get etag(): string {
    return createHash('sha256').update(JSON.stringify(this.#config)).digest('hex');
  }

  /** @param cancel ends the connection that keeps the session. @returns its name, 16 hexadecimal digits */
  openSession(cancel: () => void): string {
    const id = randomBytes(8).toString('hex');
    this.#sessions.set(id, cancel);
    return id;
  }

  /** Its connection is gone, and what it had with it. */
  closeSession(id: string): void {
    this.#sessions.delete(id);
    if (this.#config.Foreground?.[id] === undefined) return;
    this.#write({ ...this.#config, Foreground: without(this.#config.Foreground, id) });
  }

  cancelAll(): void {
    for (const cancel of this.#sessions.values()) cancel();
  }

  /** @throws Refusal 412 for another etag, 500 for a port that is taken */
  replace(next: ServeConfig, { etag, judges }: { readonly etag: string; readonly judges: boolean }): void {
    if (etag !== '' && etag !== this.etag) throw new Refusal(412, 'etag mismatch');
    if (judges) this.#judge(next);
    const before = Object.keys(this.#config.Foreground ?? {});
    this.#write(next);
    for (const id of before) if (this.#config.Foreground?.[id] === undefined) this.#sessions.get(id)?.();
  }

  /** ipn/ipnlocal/serve.go: validateServeConfigUpdate, from 1.92 on. */
  #judge(next: ServeConfig): void {
    const sessions = this.#config.Foreground ?? {};
    const added = Object.entries(next.Foreground ?? {}).filter(([id]) => sessions[id] === undefined);
    const taken = added.flatMap(([, { TCP }]) => Object.keys(TCP ?? {})).find((port) => this.partFor(Number(port)));
    if (taken !== undefined) throw new Refusal(500, `updating config: listener already exists for port ${taken}`);
    for (const [port, handler] of Object.entries(next.TCP ?? {})) this.#judgeBackground(port, kindOf(handler));
  }

  #judgeBackground(port: string, kind: string): void {
    if (Object.values(this.#config.Foreground ?? {}).some(({ TCP }) => TCP?.[port] !== undefined)) {
      throw new Refusal(500, `updating config: foreground listener already exists for port ${port}`);
    }
    const existing = this.#config.TCP?.[port];
    if (existing === undefined || kindOf(existing) === kind) return;
    const words = `want to serve "${kind}", but port ${port} is already serving "${kindOf(existing)}"`;
    throw new Refusal(500, `updating config: ${words}`);
  }

  #write(next: ServeConfig): void {
    this.#config = withoutEmpty(next);
    writeWhole(this.#file, this.#config);
  }

  /** What serves a port: sessions come first, whoever claimed later. */
  partFor(port: number): Part | undefined {
    const parts = [...Object.values(this.#config.Foreground ?? {}), this.#config];
    return parts.find(({ TCP }) => TCP?.[String(port)] !== undefined);
  }
}

function kindOf({ HTTPS: isHttps, HTTP: isHttp }: TcpHandler): string {
  return isHttps === true ? 'https' : isHttp === true ? 'http' : 'tcp';
}

/** Empty lists are not written. */
function withoutEmpty<T extends object>(config: T): T {
  const full = Object.entries(config).filter(([, value]) => Object.keys(value as object).length > 0);
  return Object.fromEntries(full) as T;
}
