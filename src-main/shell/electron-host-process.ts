import type { UtilityProcess } from 'electron';

import type { HostProcess, HostProcessStarter } from '../platform/ports.ts';
import type { ElectronApi } from './electron-api.ts';
import { createLineSplitter } from './line-splitter.ts';

/** Options and secrets travel as messages; an environment is readable by other programs of the user. */
const NOT_PASSED_ON = /^(?:OPENCLAW_.*|NODE_OPTIONS|ELECTRON_RUN_AS_NODE)$/i;

export interface ElectronHostStarterDeps {
  readonly utilityProcess: ElectronApi['utilityProcess'];
  /** File of an entry. */
  readonly entryFile: (entry: 'gateway-host') => string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends a process at once; Electron itself can only ask it to end. */
  readonly killNow: (pid: number) => void;
}

/** Runs entries in Electron's utility process. Usable once Electron is ready. */
export function createElectronHostStarter(deps: ElectronHostStarterDeps): HostProcessStarter {
  return {
    start: (entry) => {
      const child = deps.utilityProcess.fork(deps.entryFile(entry), [], {
        env: passedOn(deps.env),
        stdio: 'pipe',
        serviceName: 'Gangway gateway',
      });
      return toHostProcess(child, deps.killNow);
    },
  };
}

/** The environment without what could change or betray the gateway. */
export function passedOn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !NOT_PASSED_ON.test(entry[0]),
    ),
  );
}

function toHostProcess(child: UtilityProcess, killNow: (pid: number) => void): HostProcess {
  const lineListeners = new Set<(line: string) => void>();
  const tell = (line: string): void => lineListeners.forEach((listener) => listener(line));
  const splitter = createLineSplitter(tell);
  let isOver = false;
  child.stderr?.on('data', (chunk: Buffer) => splitter.write(chunk)).on('end', () => splitter.end());
  // A full pipe would stop the process.
  child.stdout?.resume();
  // Without a listener a fatal error over there would end this process as well; its report may hold secrets.
  child.on('error', (type, location) => tell(`${type} in ${location}`));
  child.once('exit', () => (isOver = true));
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
      if (!isOver) child.postMessage(message);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    onErrorLine: (listener) => void lineListeners.add(listener),
    kill: (signal) => {
      if (isOver) return;
      if (signal === 'SIGKILL' && child.pid !== undefined) killNow(child.pid);
      else child.kill();
    },
  };
}
