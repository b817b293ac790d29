import { join } from 'node:path';

import { describeError, toErrorInfo } from '../contract/errors.ts';
import { gatewayInUse } from '../contract/snapshot.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import { APP_SCHEME } from './app-address.ts';
import { setAppMenu } from './app-menu.ts';
import { createAppProtocol } from './app-protocol.ts';
import type { ElectronApi } from './electron-api.ts';
import { ExposureNotices } from './exposure-notices.ts';
import { guardContents } from './guard-contents.ts';
import { createIpcHost, type Answer } from './ipc-host.ts';
import { nameOf } from './tray-status.ts';
import { lockPermissions } from './permissions.ts';
import { watchPower } from './power.ts';
import { QuestionNotices } from './question-notices.ts';
import { quitOnce } from './quit-once.ts';
import { TrayDrawer } from './tray.ts';
import { runTrayCommand } from './tray-commands.ts';
import { trayModel } from './tray-model.ts';
import type { WindowRoute } from './window-route.ts';
import { WindowKeeper } from './windows.ts';

export interface DesktopDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly platform: NodeJS.Platform;
  readonly files: {
    /** Folder of the built Control UI. */
    readonly renderer: string;
    /** File of the built preload script. */
    readonly preload: string;
    /** Folder with `tray/` and `icon.png`. */
    readonly resources: string;
  };
  /** Builds the supervisor. Called once, when Electron is ready and no other app of this user runs. */
  readonly createApi: () => Promise<SupervisorApi>;
  readonly answer: Answer;
  /** Shows the window at once; without a tray it is shown anyway. */
  readonly openAtStart: boolean;
}

interface Parts {
  readonly electron: ElectronApi;
  readonly deps: DesktopDeps;
  readonly api: SupervisorApi;
}

/**
 * The desktop app from its first line to its last. Resolves when everything is drawn and started; a second app of
 * the same user hands over to the first and quits. Must be called before Electron is ready. Never await it at the
 * top level of the entry: Electron becomes ready only after that module has ended.
 */
export async function runDesktop(electron: ElectronApi, deps: DesktopDeps): Promise<void> {
  const { app } = electron;
  // Before anything else: a second app must not touch a file, a port or a gateway.
  if (!app.requestSingleInstanceLock()) return app.quit();
  let isOpenWanted = deps.openAtStart;
  // May arrive before the window can be opened; the wish is kept.
  let open = (): void => {
    isOpenWanted = true;
  };
  app.on('second-instance', () => open());
  app.on('activate', () => open());
  prepare(electron, deps);
  await app.whenReady();
  serve(electron, deps);
  const api = await deps.createApi().catch((error: unknown) => giveUp(electron, deps, error));
  if (api === undefined) return;
  const { windows, hasTray } = wire({ electron, deps, api });
  open = () => windows.open();
  if (isOpenWanted || !hasTray) windows.open();
  await api.start().catch((error: unknown) => {
    tellFailure(electron, deps, error);
    app.quit();
  });
}

/** What Electron wants to know before it is ready. */
function prepare({ app, protocol, shell }: ElectronApi, { log, platform }: DesktopDeps): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  // The app lives in the tray; without a listener Electron would quit with the last window.
  app.on('window-all-closed', () => undefined);
  app.on('web-contents-created', (_event, contents) =>
    guardContents(contents, { openExternal: (url) => shell.openExternal(url), log }),
  );
  if (platform === 'win32') app.setAppUserModelId('app.gangway.desktop');
}

function serve({ protocol, session, Menu, app }: ElectronApi, { files, platform }: DesktopDeps): void {
  protocol.handle(APP_SCHEME, createAppProtocol(files.renderer));
  lockPermissions(session.defaultSession);
  setAppMenu(Menu, platform);
  if (platform === 'darwin') app.setActivationPolicy('accessory');
}

function giveUp(electron: ElectronApi, deps: DesktopDeps, error: unknown): undefined {
  tellFailure(electron, deps, error);
  electron.app.exit(1);
}

function tellFailure({ dialog }: ElectronApi, { log }: DesktopDeps, error: unknown): void {
  log.error('the app could not be started', { error });
  const { title, body, next } = describeError(toErrorInfo(error));
  dialog.showErrorBox(title, `${body} ${next}`);
}

function wire(parts: Parts): { readonly windows: WindowKeeper; readonly hasTray: boolean } {
  const { electron, deps, api } = parts;
  const { clock, log } = deps;
  const quit = (): void => electron.app.quit();
  const tray = createTray(parts, (route) => windows.open(route));
  const windows = createWindows(parts, tray === undefined ? 'quit' : 'hide');
  const ipc = createIpcHost({
    ipcMain: electron.ipcMain,
    api,
    answer: deps.answer,
    trusted: (url) => windows.isTrusted(url),
    targets: () => windows.live,
    clock,
    log,
  });
  const unsubscribe = followSnapshot(parts, { windows, tray });
  watchPower(electron.powerMonitor, { api, onShutdown: quit });
  quitOnce(electron.app, {
    clock,
    log,
    stop: async () => {
      unsubscribe();
      ipc.close();
      windows.close();
      tray?.remove();
      await api.stop();
    },
  });
  return { windows, hasTray: tray !== undefined };
}

function createWindows({ electron, deps }: Parts, onClose: 'hide' | 'quit'): WindowKeeper {
  return new WindowKeeper({
    electron,
    clock: deps.clock,
    log: deps.log.child('windows'),
    preload: deps.files.preload,
    icon: join(deps.files.resources, 'icon.png'),
    onClose,
    onVisible: (isVisible) => {
      // A window without an entry in the dock cannot be found again on macOS.
      if (deps.platform === 'darwin') electron.app.setActivationPolicy(isVisible ? 'regular' : 'accessory');
    },
    quit: () => electron.app.quit(),
  });
}

/** `undefined` on a desktop that has no place for a tray. */
function createTray({ electron, deps, api }: Parts, openWindow: (route?: WindowRoute) => void): TrayDrawer | undefined {
  const { clock, log, platform, files } = deps;
  const commandDeps = {
    electron,
    handlers: api.handlers,
    openWindow,
    quit: () => electron.app.quit(),
    log,
  };
  try {
    return new TrayDrawer({
      electron,
      clock,
      platform,
      resources: files.resources,
      onCommand: (command) => void runTrayCommand(command, commandDeps),
      onClick: () => openWindow(),
    });
  } catch (error) {
    log.warn('there is no tray here, so the window is shown', { error });
    return undefined;
  }
}

function followSnapshot(
  { electron, deps, api }: Parts,
  { windows, tray }: { readonly windows: WindowKeeper; readonly tray: TrayDrawer | undefined },
): () => void {
  const notices = new QuestionNotices({
    electron,
    isWindowVisible: () => windows.isVisible,
    openWindow: () => windows.open(),
  });
  const exposure = new ExposureNotices({ electron, openWindow: () => windows.open('/exposure') });
  const draw = (): void => {
    const { snapshot } = api;
    notices.follow(snapshot);
    exposure.follow(snapshot, deps.clock.now());
    const inUse = gatewayInUse(snapshot);
    windows.setGateway(inUse === undefined ? undefined : nameOf(inUse));
    tray?.draw(trayModel(snapshot, { nowMs: deps.clock.now(), platform: deps.platform }));
  };
  draw();
  return api.onChange(draw);
}
