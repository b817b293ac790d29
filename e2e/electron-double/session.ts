import type { BrowserContext } from 'playwright-core';

import { browser } from './chromium.ts';
import { changes, controls } from './controls.ts';
import { registerSchemes } from './custom-schemes.ts';
import { readiness } from './readiness.ts';
import { carryRequest } from './request-carrier.ts';
import { strict, StrictEmitter } from './strict.ts';
import { RequestListeners } from './web-request.ts';

type ProtocolHandler = (request: Request) => Response | Promise<Response>;
type PermissionRequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type PermissionCheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type Implemented =
  | 'clearStorageData'
  | 'protocol'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setPermissionRequestHandler'
  | 'setSpellCheckerEnabled'
  | 'setUserAgent'
  | 'webRequest';

const sessions = new Map<string, Session>();

/** One browser context of Chromium: cookies, storage, protocol handlers and policies of a partition. */
export class Session extends StrictEmitter implements Pick<Electron.Session, Implemented> {
  readonly partition: string;
  readonly protocolHandlers = new Map<string, ProtocolHandler>();
  readonly requestListeners = new RequestListeners();
  readonly protocol = createProtocol(this.protocolHandlers);
  readonly webRequest = this.requestListeners.api;
  /** `null` is Electron's word for "none": then every permission is granted. */
  permissionRequestHandler: PermissionRequestHandler = null;
  permissionCheckHandler: PermissionCheckHandler = null;
  #context: Promise<BrowserContext> | undefined;

  private constructor(partition: string) {
    super();
    this.partition = partition;
  }

  /** The same name gives the same session; `''` is the default one. */
  static of(partition: string): Session {
    const known = sessions.get(partition);
    if (known !== undefined) return known;
    const session = new Session(partition);
    sessions.set(partition, session);
    return session;
  }

  /** The context in Chromium, made when the first window or wipe needs it. */
  context(): Promise<BrowserContext> {
    this.#context ??= this.#createContext();
    return this.#context;
  }

  async applyOnline(online: boolean): Promise<void> {
    await (await this.#context)?.setOffline(!online);
  }

  setPermissionRequestHandler(handler: PermissionRequestHandler): void {
    this.permissionRequestHandler = handler;
  }

  setPermissionCheckHandler(handler: PermissionCheckHandler): void {
    this.permissionCheckHandler = handler;
  }

  setDevicePermissionHandler(): void {}
  setDisplayMediaRequestHandler(): void {}
  setSpellCheckerEnabled(): void {}
  setUserAgent(): void {}

  async clearStorageData(): Promise<void> {
    const context = await this.context();
    await context.clearCookies();
  }

  async #createContext(): Promise<BrowserContext> {
    const chromium = await browser();
    const [shared] = chromium.contexts();
    const context = this.partition === '' ? shared : await chromium.newContext({ viewport: null });
    if (context === undefined) throw new Error('Chromium has no default context');
    if (!controls.state.online) await context.setOffline(true);
    await context.route('**/*', (route) =>
      // A request can end under our hands, with its page or with Chromium itself.
      carryRequest(this, route).catch(() => route.abort().catch(() => undefined)),
    );
    return context;
  }
}

changes.on('online', (online) => {
  for (const session of sessions.values()) void session.applyOnline(online);
});

export const session = strict<Pick<typeof Electron.Session, 'defaultSession' | 'fromPartition'>>('session', {
  get defaultSession() {
    readiness.require('Session can only be received when app is ready');
    return asElectron(Session.of(''));
  },
  fromPartition: (partition) => {
    readiness.require('Session can only be received when app is ready');
    return asElectron(Session.of(partition));
  },
});

/** `protocol` of the module is the one of the default session, and may be used before that can be had. */
export const protocol = Session.of('').protocol;

function createProtocol(handlers: Map<string, ProtocolHandler>): Electron.Protocol {
  return strict<Electron.Protocol>('protocol', {
    registerSchemesAsPrivileged: (schemes) => {
      readiness.forbid('protocol.registerSchemesAsPrivileged should be called before app is ready');
      registerSchemes(schemes);
    },
    handle: (scheme, handler) => {
      readiness.require('protocol.handle must be called after app is ready');
      if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
      handlers.set(scheme, handler);
    },
    unhandle: (scheme) => {
      if (!handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
    },
    isProtocolHandled: (scheme) => handlers.has(scheme),
  });
}

function asElectron(own: Session): Electron.Session {
  return own as unknown as Electron.Session;
}
