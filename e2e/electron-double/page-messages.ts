import { ipcHost } from './ipc-main.ts';
import { codec, type PageLink, type PageMessage } from './page-link.ts';
import type { WebContents } from './web-contents.ts';

/** Does what the preload's world asks for. Never rejects: failures travel to the page as text, as in Electron. */
export async function answerPageMessage(contents: WebContents, link: PageLink, message: PageMessage): Promise<void> {
  switch (message.kind) {
    case 'invoke':
      return invoke(contents, link, message);
    case 'permission':
      return link.deliver('answer', message.id, codec.encode(await askPermission(contents, message.channel)));
    case 'send':
      return receive(contents, message);
    case 'preload-error':
      return reportPreloadError(contents, message);
  }
}

async function invoke(contents: WebContents, link: PageLink, message: PageMessage): Promise<void> {
  const { channel } = message;
  const handler = contents.ipc.handlerOf(channel) ?? ipcHost.handlerOf(channel);
  try {
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    const event = messageEvent(contents) as unknown as Electron.IpcMainInvokeEvent;
    await link.deliver('answer', message.id, codec.encode(await handler(event, ...argsOf(message))));
  } catch (error) {
    const text = `Error invoking remote method '${channel}': ${String(error)}`;
    await link.deliver('failure', message.id, codec.encode(text));
  }
}

function receive(contents: WebContents, message: PageMessage): void {
  const args = argsOf(message);
  const event = {
    ...messageEvent(contents),
    returnValue: undefined,
    reply: (channel: string, ...answer: unknown[]) => contents.send(channel, ...answer),
  };
  contents.emit('ipc-message', event, message.channel, ...args);
  contents.ipc.emit(message.channel, event, ...args);
  ipcHost.emit(message.channel, event, ...args);
}

function reportPreloadError(contents: WebContents, message: PageMessage): void {
  const { preload } = contents.getLastWebPreferences();
  const [text] = argsOf(message);
  console.error(`Unable to load preload script: ${preload}\n${String(text)}`);
  contents.emit('preload-error', {}, preload, new Error(String(text)));
}

function askPermission(contents: WebContents, permission: string): Promise<boolean> {
  const handler = contents.session.permissionRequestHandler;
  if (handler === null) return Promise.resolve(true);
  const details = { requestingUrl: contents.getURL(), isMainFrame: true };
  return new Promise((resolve) =>
    handler(contents.permissionSubject, permission as Parameters<typeof handler>[1], resolve, details),
  );
}

function messageEvent(contents: WebContents): object {
  return { type: 'frame', sender: contents, senderFrame: contents.mainFrame, frameId: 1, processId: 1 };
}

function argsOf(message: PageMessage): unknown[] {
  return codec.decode(message.args) as unknown[];
}
