import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as electron from 'electron';

import { nodeSurroundings } from './commands/surroundings.ts';
import { startControlServer } from './control/control-server.ts';
import { runDesktop } from './shell/desktop-app.ts';
import type { ElectronApi } from './shell/electron-api.ts';
import { createElectronHostStarter } from './shell/electron-host-process.ts';
import { createElectronSecretStore } from './shell/electron-secret-store.ts';
import { answerCall } from './supervisor/answer.ts';
import { composeSupervisor } from './supervisor/compose.ts';
import type { SupervisorApi } from './supervisor/supervisor-api.ts';

// The only value import of Electron in src-main. `satisfies` proves that the slice the shell uses is honest.
const api = electron satisfies ElectronApi;
const distRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const around = nodeSurroundings({ distRoot, env: process.env, profile: undefined, log: 'app' });

// Chromium's profile and the single-instance lock belong to the home folder, like everything else.
electron.app.setPath('userData', join(around.paths.root, 'electron'));

// Not awaited: Electron gets ready only once this module has run to its end.
runDesktop(api, {
  clock: around.clock,
  log: around.log.child('shell'),
  platform: process.platform,
  files: {
    renderer: around.controlUiRoot,
    preload: join(distRoot, 'preload', 'index.cjs'),
    resources: join(distRoot, '..', 'resources'),
  },
  createApi,
  answer: answerCall,
  openAtStart: process.argv.includes('--open'),
}).catch((error: unknown) => {
  around.log.error('the app could not be started', { error });
  electron.app.exit(1);
});

/** The application with the adapters that only Electron has, and the control socket in front of it. */
async function createApi(): Promise<SupervisorApi> {
  const supervisor = composeSupervisor({
    ...around,
    copy: async (text) => api.clipboard.writeText(text),
    starter: createElectronHostStarter({
      utilityProcess: api.utilityProcess,
      entryFile: (entry) => join(distRoot, 'main', `${entry}.js`),
      env: process.env,
      killNow: (pid) => void process.kill(pid, 'SIGKILL'),
    }),
    secrets: createElectronSecretStore({
      safeStorage: api.safeStorage,
      files: around.files,
      platform: process.platform,
      folder: join(around.paths.root, 'keychain'),
      fallback: around.secrets,
      onFallback: () => around.log.warn('there is no keychain, so secrets are kept in files of this user'),
    }),
  });
  const { log, version, paths } = around;
  const control = await startControlServer({
    path: paths.controlSocket,
    api: supervisor,
    version,
    log: log.child('control'),
  });
  return {
    handlers: supervisor.handlers,
    get snapshot() {
      return supervisor.snapshot;
    },
    onChange: (listener) => supervisor.onChange(listener),
    onTestProgress: (listener) => supervisor.onTestProgress(listener),
    power: (event) => supervisor.power(event),
    start: () => supervisor.start(),
    stop: async () => {
      await supervisor.stop();
      await control.close();
      await around.close();
    },
  };
}
