import { strict } from './strict.ts';

/** The stages of a request an app can watch here, in their order. */
export type Stage = 'onBeforeRequest' | 'onBeforeSendHeaders' | 'onHeadersReceived' | 'onCompleted';

/** What listeners may answer, all stages together. */
export interface Verdict {
  readonly cancel?: boolean;
  readonly redirectURL?: string;
  readonly requestHeaders?: Record<string, string>;
  readonly responseHeaders?: Record<string, string | string[]>;
}

type Listener = (details: object, answer: (verdict: Verdict) => void) => void;

/** The listeners of one session; setting one replaces the former, as in Electron. */
export class RequestListeners {
  readonly #listeners = new Map<Stage, { readonly patterns: readonly RegExp[]; readonly listener: Listener }>();

  readonly api = strict<Electron.WebRequest>('session.webRequest', {
    onBeforeRequest: (first: unknown, second?: unknown) => this.#set('onBeforeRequest', first, second),
    onBeforeSendHeaders: (first: unknown, second?: unknown) => this.#set('onBeforeSendHeaders', first, second),
    onHeadersReceived: (first: unknown, second?: unknown) => this.#set('onHeadersReceived', first, second),
    onCompleted: (first: unknown, second?: unknown) => this.#set('onCompleted', first, second),
  });

  wants(stage: Stage, url: string): boolean {
    return this.#listeners.get(stage)?.patterns.some((pattern) => pattern.test(url)) ?? false;
  }

  /** Asks the listener of a stage that may change or cancel the request. */
  ask(stage: Exclude<Stage, 'onCompleted'>, details: { readonly url: string }): Promise<Verdict> {
    const listener = this.#listeners.get(stage)?.listener;
    if (listener === undefined || !this.wants(stage, details.url)) return Promise.resolve({});
    return new Promise((resolve) => listener(details, (verdict) => resolve(verdict)));
  }

  tell(details: { readonly url: string }): void {
    if (this.wants('onCompleted', details.url)) this.#listeners.get('onCompleted')?.listener(details, () => undefined);
  }

  #set(stage: Stage, first: unknown, second: unknown): void {
    const listener = typeof first === 'function' ? first : second;
    const urls = typeof first === 'object' && first !== null ? (first as Electron.WebRequestFilter).urls : undefined;
    if (typeof listener !== 'function') this.#listeners.delete(stage);
    else
      this.#listeners.set(stage, { patterns: (urls ?? ['<all_urls>']).map(toPattern), listener: listener as Listener });
  }
}

/** A match pattern such as `https://*.example.com/*`. */
function toPattern(pattern: string): RegExp {
  if (pattern === '<all_urls>') return /./;
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
