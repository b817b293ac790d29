import { appIdentity, appPath, chooseAppPath } from './app-paths.ts';
import { bootFacts } from './boot-facts.ts';
import { closeBrowser } from './chromium.ts';
import { controls } from './controls.ts';
import { openWindows } from './open-windows.ts';
import { settlePendingWork } from './pending-work.ts';
import { preventableEvent } from './preventable-event.ts';
import { readiness } from './readiness.ts';
import { SingleInstanceLock } from './single-instance.ts';
import { strict, strictEmitter } from './strict.ts';
import { endUtilityProcesses } from './utility-process.ts';

const switches = new Map(bootFacts.switches);
const testerAgrees = Promise.withResolvers<void>();
let loginItem: Electron.LoginItemSettings = {
  openAtLogin: false,
  wasOpenedAtLogin: false,
  status: 'not-registered',
  executableWillLaunchAtLogin: false,
  launchItems: [],
};
let lock: SingleInstanceLock | undefined;
let isQuitting = false;
let isExiting = false;
let badgeCount = 0;

// Electron runs until it is told to quit; plain Node would end as soon as nothing is pending.
setInterval(() => undefined, 2 ** 30);

export const app = strictEmitter<Electron.App>('app', {
  whenReady: () => readiness.reached,
  isReady: () => readiness.isReady,
  isPackaged: false,
  getName: () => appIdentity.name,
  setName: (name) => void (appIdentity.name = name),
  get name() {
    return appIdentity.name;
  },
  set name(name) {
    appIdentity.name = name;
  },
  getVersion: () => bootFacts.manifest.version,
  getAppPath: () => bootFacts.root,
  getPath: appPath,
  setPath: chooseAppPath,
  getLocale: () => 'en-US',
  getSystemLocale: () => 'en-US',
  getPreferredSystemLanguages: () => ['en-US'],
  // There is a dock on macOS only, and this is no Mac application.
  dock: undefined,
  applicationMenu: null,
  commandLine: strict<Electron.CommandLine>('app.commandLine', {
    appendSwitch: (name, value = '') => void switches.set(name, value),
    removeSwitch: (name) => void switches.delete(name),
    hasSwitch: (name) => switches.has(name),
    getSwitchValue: (name) => switches.get(name) ?? '',
    appendArgument: () => undefined,
  }),
  setLoginItemSettings: storeLoginItem,
  getLoginItemSettings: () => ({ ...loginItem }),
  setAsDefaultProtocolClient: (scheme) => controls.protocolClients.add(scheme).has(scheme),
  isDefaultProtocolClient: (scheme) => controls.protocolClients.has(scheme),
  removeAsDefaultProtocolClient: (scheme) => controls.protocolClients.delete(scheme),
  requestSingleInstanceLock: (data) =>
    currentLock().request({ argv: [...process.argv], cwd: process.cwd(), data: data ?? {} }),
  hasSingleInstanceLock: () => lock?.isHeld ?? false,
  releaseSingleInstanceLock: () => lock?.release(),
  get badgeCount() {
    return badgeCount;
  },
  set badgeCount(count) {
    badgeCount = count;
  },
  setBadgeCount: (count = 0) => {
    badgeCount = count;
    return true;
  },
  enableSandbox: () => readiness.forbid('app.enableSandbox() can only be called before app is ready'),
  disableHardwareAcceleration: () =>
    readiness.forbid('app.disableHardwareAcceleration() can only be called before app is ready'),
  setAppUserModelId: () => undefined,
  setActivationPolicy: () => undefined,
  setAboutPanelOptions: () => undefined,
  getAppMetrics: () => [],
  focus: () => undefined,
  hide: () => undefined,
  show: () => undefined,
  relaunch: () => undefined,
  quit,
  exit,
});

/** Ends the start: what waits for `ready` may run now, or as soon as the tester agrees. */
export async function becomeReady(): Promise<void> {
  if (bootFacts.underTester) await testerAgrees.promise;
  if (isExiting) return;
  readiness.markReached();
  app.emit('ready', {}, {});
}

// Playwright calls this when it has connected to both ends.
Object.defineProperty(globalThis, '__playwright_run', { value: async () => testerAgrees.resolve() });

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, quit);

function currentLock(): SingleInstanceLock {
  lock ??= new SingleInstanceLock(appPath('userData'), ({ argv, cwd, data }) => {
    void readiness.reached.then(() => app.emit('second-instance', preventableEvent({}), argv, cwd, data));
  });
  return lock;
}

function storeLoginItem(settings: Electron.Settings): void {
  const openAtLogin = settings.openAtLogin ?? loginItem.openAtLogin;
  loginItem = {
    ...loginItem,
    openAtLogin,
    executableWillLaunchAtLogin: openAtLogin,
    status: openAtLogin ? 'enabled' : 'not-registered',
  };
}

function quit(): void {
  if (isExiting || isQuitting) return;
  isQuitting = true;
  setImmediate(() => {
    if (!nobodyObjects()) isQuitting = false;
    else exit(0);
  });
}

/** Asks in Electron's order: `before-quit`, every window's `close`, `will-quit`. */
function nobodyObjects(): boolean {
  if (isForbidden('before-quit')) return false;
  for (const window of openWindows.windows) {
    window.close();
    if (!window.isDestroyed()) return false;
  }
  return !isForbidden('will-quit');
}

function isForbidden(name: 'before-quit' | 'will-quit'): boolean {
  const event = preventableEvent({});
  app.emit(name, event);
  return event.defaultPrevented;
}

/** A window tells that it was the last one. */
export function allWindowsClosed(): void {
  if (isQuitting || isExiting) return;
  if (app.listenerCount('window-all-closed') > 0) app.emit('window-all-closed');
  else quit();
}

function exit(code: number | undefined = 0): void {
  if (isExiting) return;
  isExiting = true;
  for (const window of openWindows.windows) window.destroy();
  app.emit('quit', {}, code);
  lock?.release();
  void leaveNothingBehind().finally(() => process.exit(code));
}

async function leaveNothingBehind(): Promise<void> {
  await settlePendingWork();
  await Promise.all([endUtilityProcesses(), closeBrowser()]);
}
