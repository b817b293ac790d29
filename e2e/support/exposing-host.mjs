/**
 * Stands in the place of the gateway's process: starts the real one, passes on what is said, and answers about the
 * exposure itself, as the file `exposing.json` in the home folder says. A gateway that opens itself at once, and needs no
 * Tailscale for it.
 */
import { fork } from 'node:child_process';
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

const home = process.env.GANGWAY_HOME;
const real = fork(join(import.meta.dirname, 'real-gateway-host.js'), [], {
  env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  execArgv: [],
  serialization: 'advanced',
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const port = process.parentPort;
const tell = (report) => (port === undefined ? process.send?.(report) : port.postMessage(report));
const URL = 'https://laptop.tail1f3a.ts.net';

let auth = 'none';
let before = 'off';
let wish = { mode: 'off', port: 443, untilMs: undefined };
let state = { status: 'off' };

function steering() {
  try {
    return JSON.parse(readFileSync(join(home, 'exposing.json'), 'utf8'));
  } catch {
    return {};
  }
}

const needed = ({ mode }) =>
  mode === 'funnel' && auth !== 'password'
    ? { code: 'tailscale/needs-password', params: { mode: auth } }
    : steering().fault;

function plan(asked) {
  const fault = needed(asked);
  const isSecret = fault?.code === 'tailscale/needs-password';
  return {
    wish: asked,
    checks: [
      { id: 'tailscale', found: 'running, 1.102.3', fault: isSecret ? undefined : fault },
      ...(asked.mode === 'funnel' ? [{ id: 'secret', found: `a ${auth}`, fault: isSecret ? fault : undefined }] : []),
    ],
    changes: [{ what: 'route', before: undefined, after: `${asked.mode} ${asked.port} to this gateway` }],
  };
}

function show() {
  const { visitors = [] } = steering();
  tell({ type: 'exposure-changed', view: { wish, state, before, visitors: wish.mode === 'off' ? [] : visitors } });
}

function expose(asked) {
  const error = needed(asked);
  if (error !== undefined) return error;
  // A day is long for a test: `shortMs` is how long every Funnel is open.
  const { shortMs } = steering();
  const untilMs = asked.untilMs !== undefined && shortMs !== undefined ? Date.now() + shortMs : asked.untilMs;
  if (asked.mode !== wish.mode) before = wish.mode;
  wish = { ...asked, untilMs };
  const now = Date.now();
  state =
    asked.mode === 'off'
      ? { status: 'off' }
      : { status: 'active', mode: asked.mode, sinceMs: now, url: URL, checkedAtMs: now, answeredAtMs: now };
  if (untilMs !== undefined) setTimeout(() => close(untilMs), untilMs - now).unref();
  show();
  return undefined;
}

function close(untilMs) {
  if (wish.untilMs !== untilMs) return;
  expose({ mode: before === 'serve' ? 'serve' : 'off', port: wish.port, untilMs: undefined });
}

/** What the test wants to have happened to an open route. */
function follow() {
  const { lost } = steering();
  if (lost !== undefined && state.status === 'active') {
    state = { status: 'waiting', mode: wish.mode, attempt: 1, retryAtMs: Date.now() + 60_000, ...lost };
  } else if (lost === undefined && state.status === 'waiting') {
    expose(wish);
  }
  show();
}

function heard(command) {
  if (command.type === 'plan-exposure') return tell({ type: 'planned', id: command.id, plan: plan(command.wish) });
  if (command.type === 'count-devices') return tell({ type: 'devices-counted', id: command.id, devices: undefined });
  if (command.type === 'expose') return tell({ type: 'exposed', id: command.id, error: expose(command.wish) });
  return real.connected && real.send(command);
}

real.on('message', (report) => {
  if (report.type === 'access-changed') auth = report.access.auth;
  tell(report);
});
real.once('exit', (code) => process.exit(code ?? 1));
if (port === undefined) {
  process.on('message', heard);
  process.on('disconnect', () => real.disconnect());
} else {
  port.on('message', ({ data }) => heard(data));
}
process.on('SIGTERM', () => real.kill('SIGTERM'));
process.on('SIGINT', () => {});
watch(home, { persistent: false }, (_event, name) => name === 'exposing.json' && follow());
