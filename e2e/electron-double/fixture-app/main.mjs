import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  nativeImage,
  net,
  powerMonitor,
  protocol,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';

const here = import.meta.dirname;
const CSP = "default-src 'self'; object-src 'none'";
// One transparent pixel.
const ICON =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What the spec looks at. */
const seen = { power: [], greetings: [], permissions: [], senders: [], worker: undefined, workerOutput: '' };
let tray;
let cleanedUp = false;

globalThis.fixture = { seen, openWindow, startWorker };

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);

if (app.requestSingleInstanceLock({ hello: 'first' })) {
  app.on('second-instance', (_event, argv, cwd, data) => seen.greetings.push({ link: argv.at(-1), cwd, data }));
  app.on('window-all-closed', () => undefined);
  app.on('before-quit', (event) => {
    if (cleanedUp) return;
    event.preventDefault();
    void cleanUp();
  });
  void app.whenReady().then(start);
} else app.quit();

function start() {
  protocol.handle('app', ({ url }) => net.fetch(pathToFileURL(join(here, new URL(url).pathname)).href));
  session.defaultSession.webRequest.onHeadersReceived({ urls: ['app://*'] }, (details, answer) =>
    answer({ responseHeaders: { ...details.responseHeaders, 'content-security-policy': [CSP] } }),
  );
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => {
    seen.permissions.push(permission);
    answer(false);
  });
  ipcMain.handle('echo', (event, value) => {
    seen.senders.push(event.senderFrame.url);
    return value;
  });
  ipcMain.handle('fails', () => {
    throw new RangeError('too far');
  });
  ipcMain.handle('uncloneable', () => ({ run: () => undefined }));
  for (const name of ['suspend', 'resume', 'lock-screen', 'unlock-screen']) {
    powerMonitor.on(name, () => seen.power.push(name));
  }
  tray = new Tray(nativeImage.createFromDataURL(ICON));
  tray.setToolTip('Fixture: well');
  tray.setContextMenu(menu());
}

function menu() {
  return Menu.buildFromTemplate([
    { id: 'status', label: 'All is well', enabled: false },
    { type: 'separator' },
    { id: 'open', label: 'Open', accelerator: 'CommandOrControl+O', click: () => openWindow() },
    { id: 'awake', label: 'Keep awake', type: 'checkbox' },
    {
      label: 'Mode',
      submenu: [
        { id: 'mode-local', label: 'Local', type: 'radio', checked: true },
        { id: 'mode-off', label: 'Off', type: 'radio' },
      ],
    },
    { id: 'secret', label: 'Hidden', visible: false },
    { id: 'quit', role: 'quit' },
  ]);
}

function openWindow(preferences = {}) {
  const window = new BrowserWindow({
    show: false,
    webPreferences: { preload: join(here, 'preload.cjs'), ...preferences },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.setWindowOpenHandler(({ url }) => {
    void shell.openExternal(url);
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  void window.loadURL('app://bundle/index.html');
  return window;
}

function startWorker() {
  const worker = utilityProcess.fork(join(here, 'worker.mjs'), [], { stdio: 'pipe' });
  seen.worker = worker;
  worker.stdout.on('data', (text) => (seen.workerOutput += text));
  return new Promise((resolve) => {
    worker.once('message', resolve);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
    worker.postMessage({ values: [1, 2, 39] });
  });
}

/** Takes its time, as closing tunnels does. */
async function cleanUp() {
  await new Promise((resolve) => setTimeout(resolve, 50));
  cleanedUp = true;
  app.quit();
}
