import { describeError, type ErrorInfo } from '../contract/errors.ts';
import type { SignInQuestion } from '../contract/question.ts';
import type { ForwardState, TunnelState } from '../contract/tunnel.ts';
import { createTunnel, type EngineOptions } from '../ssh/create-tunnel.ts';
import type { TunnelOptions } from '../ssh/tunnel.ts';
import { explainPort } from '../supervisor/explain-port.ts';
import { forwardText } from './forward-words.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { errorLine, errorText, EXIT, exitCodeOf, type ExitCode, type Terminal } from './terminal.ts';
import { TypedAnswers } from './typed-answers.ts';
import { untilSignal } from './until-signal.ts';

/** `gangway tunnel TARGET`: one tunnel in the foreground, until it is told to stop or only a person can help. */
export async function tunnelCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: EngineOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const ended = Promise.withResolvers<ErrorInfo>();
  const report = (state: TunnelState): void => {
    if (questions.signIn.follow(state) === 'redial') return tunnel.retryNow();
    if (state.status === 'failed') return questions.isOpen ? undefined : ended.resolve(state.cause);
    const line = options.json ? stateLine(state) : stateText(state, options);
    if (line !== undefined) terminal.out(`${line}\n`);
  };
  const questions = new TypedAnswers({
    terminal,
    around,
    onQuestion: (question) => options.json && terminal.out(`${questionLine(question)}\n`),
    onAnswered: () => tunnel.retryNow(),
    onGivenUp: ended.resolve,
  });
  const told = new ForwardTeller(terminal, options);
  const tunnel = createTunnel(options, {
    ...around,
    answers: questions.signIn,
    log: around.log.child('ssh'),
    onChange: report,
    onProbe: () => {},
    onForwards: () => told.tell(tunnel.forwards),
  });
  tunnel.start();
  const cause = await Promise.race([ended.promise, untilSignal().then(() => undefined)]);
  questions.close();
  await tunnel.stop();
  if (cause === undefined) return EXIT.done;
  const info = await explained(around, cause);
  if (options.json) terminal.out(`${JSON.stringify({ status: 'failed', cause: errorLine(info) })}\n`);
  else terminal.err(errorText(info));
  return exitCodeOf(info);
}

async function explained(around: NodeSurroundings, info: ErrorInfo): Promise<ErrorInfo> {
  if (info.code !== 'gateway/port-taken') return info;
  return explainPort(info.params.port, { attachable: false }, { ...around, platform: around.machine.platform });
}

function questionLine(question: SignInQuestion): string {
  return JSON.stringify({ status: 'asks', sinceMs: question.askedAtMs, question });
}

function stateLine(state: TunnelState): string {
  return JSON.stringify('cause' in state ? { ...state, cause: errorLine(state.cause) } : state);
}

function stateText(state: TunnelState, { target, remoteHost, remotePort }: TunnelOptions): string | undefined {
  switch (state.status) {
    case 'connecting':
      return state.attempt === 1 ? `connecting to ${target}` : undefined;
    case 'connected':
      return `127.0.0.1:${state.localPort} now reaches ${remoteHost}:${remotePort} on ${target}`;
    case 'waiting': {
      const { title } = describeError(state.cause);
      return `${title}; next try ${new Date(state.retryAtMs).toLocaleTimeString()}`;
    }
    case 'stopping':
      return 'stopping';
    case 'stopped':
    case 'failed':
      return undefined;
  }
}

/** Tells of a forward beside the main one when it has changed. */
class ForwardTeller {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #lines = new Map<number, string>();

  constructor(terminal: Terminal, { json }: { readonly json: boolean }) {
    this.#terminal = terminal;
    this.#json = json;
  }

  tell(forwards: readonly ForwardState[]): void {
    for (const [index, forward] of forwards.entries()) {
      if (forward.status === 'waiting') continue;
      const line = this.#json ? JSON.stringify({ forward: forwardLine(forward) }) : forwardText(forward);
      if (this.#lines.get(index) === line) continue;
      this.#lines.set(index, line);
      this.#terminal.out(`${line}\n`);
    }
  }
}

function forwardLine(forward: ForwardState): object {
  return forward.status === 'failed' ? { ...forward, cause: errorLine(forward.cause) } : forward;
}
