import type { WorldBridge } from './world-bridge.ts';

type Ask = (permission: string) => Promise<boolean>;
type Method = (...args: unknown[]) => unknown;

/**
 * The page's own world: puts what the preload exposes on `window`, frozen, and sends permission
 * prompts to the app's handler. Sent to Chromium as text: it may use nothing of this module's scope.
 */
export function runMainWorld(bridge: WorldBridge): void {
  let ask: Ask | undefined;

  bridge.onMessage((kind, value) => {
    if (kind === 'ask') ask = value as Ask;
    if (kind !== 'expose') return;
    const [key, api] = value as [string, unknown];
    Object.defineProperty(window, key, { value: frozen(api), enumerable: true });
  });

  function frozen(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    Object.values(value).forEach(frozen);
    return Object.freeze(value);
  }

  /** A denial must look like Chromium's own. */
  function guard(owner: object | undefined, method: string, rule: { permission: string; deny: () => unknown }): void {
    const original = (owner as Record<string, Method> | undefined)?.[method];
    if (owner === undefined || original === undefined) return;
    const guarded = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      // In a subframe there is nobody to ask.
      const isGranted = (await ask?.(rule.permission)) ?? false;
      return isGranted ? original.apply(this, args) : rule.deny();
    };
    Object.defineProperty(owner, method, { value: guarded });
  }

  function refuse(): never {
    throw new DOMException('Permission denied', 'NotAllowedError');
  }

  guard(navigator.mediaDevices, 'getUserMedia', { permission: 'media', deny: refuse });
  guard(navigator.mediaDevices, 'getDisplayMedia', { permission: 'display-capture', deny: refuse });
  guard(navigator.clipboard, 'readText', { permission: 'clipboard-read', deny: refuse });
  guard(globalThis.Notification, 'requestPermission', { permission: 'notifications', deny: () => 'denied' });
}
