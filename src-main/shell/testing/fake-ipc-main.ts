import type { IpcMain, IpcMainInvokeEvent } from 'electron';

type IpcListener = Parameters<IpcMain['handle']>[1];

export class FakeIpcMain implements Pick<IpcMain, 'handle' | 'removeHandler'> {
  readonly listeners = new Map<string, IpcListener>();

  handle(channel: string, listener: IpcListener): void {
    if (this.listeners.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.listeners.set(channel, listener);
  }

  removeHandler(channel: string): void {
    this.listeners.delete(channel);
  }

  /** Plays a frame. Payloads are cloned as Electron does, so a function or a class instance fails here as well. */
  async invokeFrom(frame: { url: string; parent?: object } | undefined, channel: string, input?: unknown) {
    const senderFrame = frame === undefined ? null : { url: frame.url, parent: frame.parent ?? null };
    const listener = this.listeners.get(channel);
    if (listener === undefined) throw new Error(`No handler registered for '${channel}'`);
    const event = { senderFrame } as IpcMainInvokeEvent;
    return structuredClone(await (listener(event, structuredClone(input)) as unknown));
  }
}
