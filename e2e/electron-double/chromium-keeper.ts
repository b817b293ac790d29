import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs Chromium for as long as standard input stays open, and then leaves nothing behind.
 *
 * The double may be ended by SIGKILL, together with its whole process group, and can then clean up
 * nothing itself; its end of our standard input is closed by the system in every case. Chromium in
 * turn is tied to us by a debugging pipe, at whose end it quits, should we be the ones to be killed.
 *
 * Arguments: program, profile folder, `temporary` or `kept`, Chromium's own arguments.
 */
const [program = '', profile = '', lifetime, ...flags] = process.argv.slice(2);
const GRACE_MS = 1500;
let stopping = false;

const browser = spawn(program, ['--remote-debugging-pipe', `--user-data-dir=${profile}`, ...flags], {
  // 3 and 4 are the debugging pipe; nothing is ever said on it.
  stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  detached: process.platform !== 'win32',
});
browser.once('error', (error) => end(`Chromium could not be started: ${error.message}`));
browser.once('exit', (code, signal) => end(stopping ? undefined : `Chromium ended by itself (${code ?? signal})`));

process.stdin.resume().once('close', stop).once('error', stop);
// Signals meant for the double's terminal must not stop us before Chromium is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

function stop(): void {
  if (stopping) return;
  stopping = true;
  // A profile that nobody will read again needs no orderly goodbye.
  if (lifetime === 'temporary') signalBrowser('SIGKILL');
  else signalBrowser('SIGTERM');
  setTimeout(() => signalBrowser('SIGKILL'), GRACE_MS).unref();
}

function signalBrowser(signal: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32' || browser.pid === undefined) browser.kill(signal);
    else process.kill(-browser.pid, signal);
  } catch {
    // Already gone.
  }
}

function end(problem: string | undefined): void {
  signalBrowser('SIGKILL');
  if (lifetime === 'temporary') rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  if (problem !== undefined) process.stderr.write(`${problem}\n`);
  process.exit(problem === undefined ? 0 : 1);
}
