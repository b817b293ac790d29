import { describeError, retryAdvice, type ErrorInfo } from '../contract/errors.ts';
import type { StepResult } from '../platform/step-run.ts';
import { testConnection, type ConnectionTestOptions, type TestStep } from '../supervisor/connection-test.ts';
import { readSecret } from './health-command.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { errorLine, EXIT, exitCodeOf, type ExitCode, type Terminal } from './terminal.ts';

type TestCommandOptions = ConnectionTestOptions['tunnel'] & {
  /** A file with the token; `-` is standard input. */
  readonly secretFile: string | undefined;
  readonly json: boolean;
};

/**
 * `gangway test TARGET`: every step of the way to a gateway, each told as it ends. Exits by the cause of the first
 * that fails. A token of the environment is left alone: it belongs to the gateway in use.
 */
export async function testCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  { secretFile, json, ...tunnel }: TestCommandOptions,
): Promise<ExitCode> {
  const secret = secretFile === undefined ? undefined : await readSecret(terminal, secretFile);
  const { signal } = new AbortController();
  const toText = json ? stepLine : stepText;
  const results = await testConnection(
    { tunnel, secret, signal },
    {
      ...around,
      log: around.log.child('test'),
      onStep: (result) => terminal.out(`${toText(result)}\n`),
    },
  );
  const failed = results.find(({ cause }) => cause !== undefined);
  if (json) terminal.out(`${JSON.stringify({ status: 'done', failed: failed?.step ?? null })}\n`);
  return failed?.cause === undefined ? EXIT.done : exitCodeOf(failed.cause);
}

const NAMES: Readonly<Record<TestStep, string>> = {
  dns: 'DNS',
  tcp: 'TCP',
  'host-key': 'Host key',
  authentication: 'Sign-in',
  forward: 'Forward',
  gateway: 'Gateway',
  protocol: 'Protocol',
  token: 'Token',
  pairing: 'Pairing',
};

const MARKS = { ok: '✓', failed: '✗', skipped: '–' } as const;

const NAME_WIDTH = 8;
const TIME_WIDTH = 8;
const INDENT = ' '.repeat(4);

function stepText({ step, status, ms, found, cause }: StepResult<TestStep>): string {
  const time = ms === undefined ? '' : `${Math.round(ms)} ms`;
  const line = `${MARKS[status]} ${NAMES[step].padEnd(NAME_WIDTH)} ${time.padStart(TIME_WIDTH)}  ${found}`;
  if (cause === undefined) return line;
  return `${line}\n${INDENT}${describeError(cause).body}\n${INDENT}${nextOf(cause)}`;
}

function stepLine({ cause, ...result }: StepResult<TestStep>): string {
  return JSON.stringify(
    cause === undefined ? result : { ...result, cause: { ...errorLine(cause), next: nextOf(cause) } },
  );
}

/** A line that is kept tries again by itself, and its sentences say so; a test does not. */
function nextOf(cause: ErrorInfo): string {
  if (cause.code === 'ssh/forward-refused') return `Start the gateway on ${cause.params.host}, then test again.`;
  return retryAdvice(cause) === 'retry' ? 'Test again when that has changed.' : describeError(cause).next;
}
