import { randomUUID } from 'node:crypto';

import type { GatewayRecord } from '../config/settings-schema.ts';
import { SettingsStore } from '../config/settings-store.ts';
import { nextAfterTest, STEP_NAMES, type TestStepResult, type TestSubject } from '../contract/connection-test.ts';
import { AppError, describeError } from '../contract/errors.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import { ControlClient } from '../control/control-client.ts';
import { testConnection, type ConnectionTestOptions, type TestRoute } from '../supervisor/connection-test.ts';
import { tokenName } from '../supervisor/handlers.ts';
import { toTestRoute } from '../supervisor/prepare-test.ts';
import { askingTest } from './asking-test.ts';
import { readSecret } from './health-command.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { errorLine, EXIT, exitCodeOf, type ExitCode, type Terminal } from './terminal.ts';

type TunnelOptions = Extract<TestRoute, { kind: 'ssh' }>['tunnel'];

interface TestCommandOptions {
  readonly tunnel: TunnelOptions;
  /** The target may be the name of a gateway of the list: nothing else was said about how to reach it. */
  readonly mayBeName: boolean;
  /** A file with the token; `-` is standard input. */
  readonly secretFile: string | undefined;
  readonly json: boolean;
}

type Finish = (onStep: (result: TestStepResult) => void) => Promise<readonly TestStepResult[]>;

/**
 * `gangway test TARGET`: every step of the way to a gateway, each told as it ends. Exits by the cause of the first
 * that fails. A gateway of the list is tested by the running app, which has its token, or else from here.
 */
export async function testCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: TestCommandOptions,
): Promise<ExitCode> {
  const { secretFile, json } = options;
  // A token of the environment is left alone: it belongs to the gateway in use.
  const secret = secretFile === undefined ? undefined : await readSecret(terminal, secretFile);
  const byApp =
    secret === undefined && options.mayBeName ? await byRunningApp(around, options.tunnel.target) : undefined;
  const finish = byApp ?? (await fromHere({ terminal, around }, options, secret));
  const toText = json ? stepLine : stepText;
  const results = await finish((result) => terminal.out(`${toText(result)}\n`));
  const failed = results.find(({ cause }) => cause !== undefined);
  if (json) terminal.out(`${JSON.stringify({ status: 'done', failed: failed?.step ?? null })}\n`);
  return failed?.cause === undefined ? EXIT.done : exitCodeOf(failed.cause);
}

/** Asks the running app to test a gateway of its list; `undefined` when there is no app or no such gateway. */
async function byRunningApp({ paths }: NodeSurroundings, name: string): Promise<Finish | undefined> {
  const client = await ControlClient.connect(paths.controlSocket).catch(noApp);
  if (client === undefined) return undefined;
  const { gateways } = await client.call('snapshot.get', undefined);
  const found = gateways.find((gateway) => isCalled(gateway, name));
  if (found === undefined) {
    client.close();
    return undefined;
  }
  return (onStep) => runByApp(client, { id: found.id }, onStep);
}

function noApp(error: unknown): undefined {
  if (error instanceof AppError && error.info.code === 'app/not-running') return undefined;
  throw error;
}

async function runByApp(
  client: ControlClient,
  of: TestSubject,
  onStep: (result: TestStepResult) => void,
): Promise<readonly TestStepResult[]> {
  const run = randomUUID();
  let told = 0;
  const tell = (results: readonly TestStepResult[]): void => {
    for (const result of results.slice(told)) onStep(result);
    told = Math.max(told, results.length);
  };
  client.listen('test.progressed', (report) => report.run === run && tell(report.results));
  const cancel = (): void => void client.call('test.cancel', { run }).catch(() => undefined);
  process.once('SIGINT', cancel);
  try {
    const { results } = await client.call('test.run', { run, of });
    tell(results);
    return results;
  } finally {
    process.removeListener('SIGINT', cancel);
    client.close();
  }
}

/** Tests from this very process: a gateway that the settings know by this name, or an SSH target. */
async function fromHere(
  { terminal, around }: { readonly terminal: Terminal; readonly around: NodeSurroundings },
  { tunnel, mayBeName, json }: TestCommandOptions,
  secret: string | undefined,
): Promise<Finish> {
  const record = mayBeName ? await recordCalled(around, tunnel.target) : undefined;
  const asked: Omit<ConnectionTestOptions, 'signal'> =
    record === undefined
      ? { route: { kind: 'ssh', tunnel }, name: tunnel.target, secret, withoutSecret: 'skip' }
      : {
          route: toTestRoute(record),
          name: record.name,
          secret: secret ?? (await around.secrets.get(tokenName(record.id))),
          withoutSecret: 'skip',
        };
  const { signal } = new AbortController();
  const all = { ...asked, signal };
  return (tell) =>
    json
      ? testConnection(all, { ...around, log: around.log.child('test'), onStep: tell })
      : askingTest(all, { terminal, around, tell });
}

async function recordCalled({ paths, files }: NodeSurroundings, name: string): Promise<GatewayRecord | undefined> {
  const settings = new SettingsStore(paths.settings, files);
  await settings.load();
  return settings.current.gateways.find((record) => isCalled(record, name));
}

function isCalled({ id, name }: { readonly id: string; readonly name: string }, wanted: string): boolean {
  return id === wanted || name.toLowerCase() === wanted.toLowerCase() || (id === LOCAL_GATEWAY && wanted === 'local');
}

const MARKS = { ok: '✓', failed: '✗', skipped: '–' } as const;

const NAME_WIDTH = 8;
const TIME_WIDTH = 8;
const INDENT = ' '.repeat(4);

function stepText({ step, status, ms, found, cause }: TestStepResult): string {
  const time = ms === undefined ? '' : `${Math.round(ms)} ms`;
  const line = `${MARKS[status]} ${STEP_NAMES[step].padEnd(NAME_WIDTH)} ${time.padStart(TIME_WIDTH)}  ${found}`;
  if (cause === undefined) return line;
  return `${line}\n${INDENT}${describeError(cause).body}\n${INDENT}${nextAfterTest(cause)}`;
}

function stepLine({ cause, ...result }: TestStepResult): string {
  return JSON.stringify(
    cause === undefined ? result : { ...result, cause: { ...errorLine(cause), next: nextAfterTest(cause) } },
  );
}
