import type { Codec } from '../codec.ts';
import type { WorldBridge } from './world-bridge.ts';

type Listener = (event: unknown, ...args: unknown[]) => void;
type Preload = (require: unknown, module: unknown, exports: unknown, process: unknown, global: unknown) => void;

export interface IsolatedWorldConfig {
  /** Name of the function that carries text to the main process, visible in this world only. */
  readonly binding: string;
  /** What a sandboxed preload sees as `process`. */
  readonly process: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly bridge: WorldBridge;
  /** Without references: functions do not cross to the main process. */
  readonly codec: Codec;
  readonly config: IsolatedWorldConfig;
}

/**
 * The preload's world: `contextBridge` and `ipcRenderer` around the real preload file. Sent to
 * Chromium as text: it may use nothing of this module's scope.
 */
export function runIsolatedWorld({ bridge, codec, config }: Parts, preload: Preload): void {
  // nodeIntegrationInSubFrames is off.
  if (window !== window.top) return;

  const post = (globalThis as unknown as Record<string, (payload: string) => void>)[config.binding];
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, { readonly listener: Listener; readonly isOnce: boolean }[]>();
  const exposed = new Set<string>();
  let lastId = 0;

  const ipcRenderer: Record<string, unknown> = {
    invoke: (channel: string, ...args: unknown[]) => request('invoke', channel, args),
    send: (channel: string, ...args: unknown[]) => say({ kind: 'send', channel, args: codec.encode(args) }),
    on: (channel: string, listener: Listener) => add(channel, listener, false),
    addListener: (channel: string, listener: Listener) => add(channel, listener, false),
    once: (channel: string, listener: Listener) => add(channel, listener, true),
    off: remove,
    removeListener: remove,
    removeAllListeners: (channel?: string) => {
      if (channel === undefined) listeners.clear();
      else listeners.delete(channel);
      return ipcRenderer;
    },
  };

  const contextBridge = {
    exposeInMainWorld: (key: string, api: unknown) => {
      if (exposed.has(key)) {
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      }
      exposed.add(key);
      bridge.send('expose', [key, api]);
    },
  };

  const electron = { contextBridge, ipcRenderer, webUtils: { getPathForFile: () => '' } };

  function say(message: object): void {
    post?.(JSON.stringify(message));
  }

  async function request(kind: string, channel: string, args: unknown[]): Promise<unknown> {
    lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    const text = codec.encode(args);
    waiting.set(lastId, answer);
    say({ kind, id: lastId, channel, args: text });
    return answer.promise;
  }

  function add(channel: string, listener: Listener, isOnce: boolean): unknown {
    listeners.set(channel, [...(listeners.get(channel) ?? []), { listener, isOnce }]);
    return ipcRenderer;
  }

  function remove(channel: string, listener: Listener): unknown {
    const rest = (listeners.get(channel) ?? []).filter((entry) => entry.listener !== listener);
    listeners.set(channel, rest);
    return ipcRenderer;
  }

  function settle(id: number, act: (answer: PromiseWithResolvers<unknown>) => void): void {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (answer !== undefined) act(answer);
  }

  function deliver(kind: string, key: unknown, text: string): void {
    const value = codec.decode(text);
    if (kind === 'answer') settle(key as number, (answer) => answer.resolve(value));
    else if (kind === 'failure') settle(key as number, (answer) => answer.reject(new Error(value as string)));
    else emit(key as string, value as unknown[]);
  }

  function emit(channel: string, args: unknown[]): void {
    for (const { listener, isOnce } of listeners.get(channel) ?? []) {
      if (isOnce) remove(channel, listener);
      listener({ sender: ipcRenderer, ports: [] }, ...args);
    }
  }

  // A sandboxed preload of Electron 45 may require 'electron' only, and gets neither Buffer nor setImmediate.
  function require(id: string): unknown {
    if (/^electron(\/(renderer|common))?$/.test(id)) return electron;
    throw new Error(`module not found: ${id}`);
  }

  Object.defineProperty(globalThis, '__edouble_deliver', { value: deliver });
  bridge.send('ask', (permission: string) => request('permission', permission, []));
  const module = { exports: {} };
  try {
    preload(require, module, module.exports, config.process, globalThis);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say({ kind: 'preload-error', args: codec.encode([text]) });
  }
}
