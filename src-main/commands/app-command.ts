import { describeError, type ErrorInfo } from '../contract/errors.ts';
import { LOCAL_GATEWAY, type GatewayView, type Snapshot } from '../contract/snapshot.ts';
import { startControlServer } from '../control/control-server.ts';
import { composeSupervisor } from '../supervisor/compose.ts';
import { outliveRejections } from '../platform/outlive-rejections.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { questionSentence } from './question-text.ts';
import { repairCommand } from './repair-command.ts';
import { errorText, EXIT, type ExitCode, type Terminal } from './terminal.ts';
import { untilSignal } from './until-signal.ts';

/** `gangway app --headless`: the app without a window, driven by `gangway status|use|off` from another terminal. */
export async function appCommand(terminal: Terminal, around: NodeSurroundings): Promise<ExitCode> {
  outliveRejections(around.log);
  const api = composeSupervisor(around);
  const control = await startControlServer({
    path: around.paths.controlSocket,
    api,
    version: around.version,
    log: around.log.child('control'),
  });
  const told = tell(terminal, api);
  try {
    await api.start();
    for (const problem of api.snapshot.problems) terminal.err(errorText(problem));
    const signal = await untilSignal();
    around.log.info('stopping', { signal });
  } finally {
    told();
    await api.stop();
    await control.close();
  }
  return EXIT.done;
}

/** Says once per change of state what is going on, and once how to sign in. */
function tell(terminal: Terminal, api: SupervisorApi): () => void {
  let last = '';
  let signInTold = false;
  return api.onChange((snapshot) => {
    const text = statusSentence(snapshot);
    if (text !== last) terminal.out(`${text}\n`);
    last = text;
    const local = snapshot.gateways.find(({ id }) => id === snapshot.use);
    if (signInTold || local?.kind !== 'local' || local.state.status !== 'connected') return;
    signInTold = true;
    void tellSignIn(terminal, api);
  });
}

/** The secret itself goes to a terminal only: what is redirected ends up in a log. */
async function tellSignIn(terminal: Terminal, api: SupervisorApi): Promise<void> {
  const { url, token } = await api.handlers['gateway.env'](undefined);
  terminal.out(`Control UI: ${url.replace('ws://', 'http://')}/\n`);
  if (token === undefined) return terminal.out('It asks for no token.\n');
  if (terminal.outIsTerminal) terminal.out(`Sign in with the token: ${token}\n`);
  else terminal.out('Sign in with the token that `gangway env --show` prints.\n');
}

/** One line for the state of the gateway in use. */
export function statusSentence({ gateways, use }: Pick<Snapshot, 'gateways' | 'use'>): string {
  const gateway = gateways.find(({ id }) => id === use);
  if (gateway === undefined) return 'Switched off';
  const { name, state, url } = gateway;
  switch (state.status) {
    case 'connected':
    case 'attached':
      return `${name}: ${state.status} at ${url?.replace(/^ws/, 'http') ?? ''}${openText(gateway)}`;
    case 'connecting':
      return `${name}: connecting`;
    case 'asks':
      return questionSentence(name, state.question);
    case 'waiting':
    case 'failed':
      return faultSentence(gateway, state.cause);
    case 'off':
      return `${name}: off`;
  }
}

/** Who else can reach it, where anybody can. */
function openText({ reach, exposure }: GatewayView): string {
  if (reach.open === undefined) return '';
  const at = exposure?.state.status === 'active' ? ` ${exposure.state.url}` : '';
  return `\n  ${reach.headline}${at}`;
}

function faultSentence({ id, name, kind, state }: GatewayView, cause: ErrorInfo): string {
  const { title, body, next } = describeError(cause);
  const command = repairCommand(cause, id === LOCAL_GATEWAY ? 'local' : name, kind);
  const how = command === undefined ? '' : `\n  With: ${command}`;
  return `${name}: ${state.status}. ${title}. ${body}\n  ${next}${how}`;
}
