import { fail } from '../contract/errors.ts';
import type { Files, Logger, ProgramRunner } from '../platform/ports.ts';
import type { SshTarget } from './ssh-target.ts';

/** The effective configuration for one host, keys in lower case. */
export interface SshConfig {
  /** False when there is no `ssh` program to ask. */
  readonly found: boolean;
  /** Keys and values in their order. */
  readonly entries: readonly (readonly [key: string, value: string])[];
  first(key: string): string | undefined;
  all(key: string): readonly string[];
  /** One value that lists several paths. */
  paths(key: string): readonly string[];
}

interface ConfigDeps {
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly log: Logger;
}

const TIMEOUT_MS = 5_000;

/**
 * The output of `ssh -G`, which follows Include, Match and CanonicalizeHostname as the user's own `ssh` does.
 * @throws AppError `ssh/config-unreadable`
 */
export async function readSshConfig(
  target: SshTarget,
  configFile: string | undefined,
  deps: ConfigDeps,
): Promise<SshConfig> {
  if (configFile !== undefined) await requireReadable(configFile, deps.files);
  const output = await askSsh(target, configFile, deps);
  if (output !== undefined) return parseSshConfig(output);
  if (configFile === undefined) return parseSshConfig(undefined);
  const problem = 'there is no program “ssh” that could say what it means; install the OpenSSH client';
  throw fail('ssh/config-unreadable', { file: configFile, problem });
}

async function requireReadable(file: string, files: Files): Promise<void> {
  const text = await files.read(file).catch((cause: unknown) => {
    throw fail('ssh/config-unreadable', { file, problem: 'it may not be read' }, cause);
  });
  if (text === undefined) throw fail('ssh/config-unreadable', { file, problem: 'it does not exist' });
}

/** `undefined` when there is no `ssh` program. */
async function askSsh(
  target: SshTarget,
  configFile: string | undefined,
  { runner, log }: ConfigDeps,
): Promise<string | undefined> {
  const args = ['-G', ...option('-F', configFile), ...option('-p', target.port), ...option('-l', target.user)];
  try {
    const result = await runner.run('ssh', [...args, '--', target.host], { timeoutMs: TIMEOUT_MS });
    if (result.exitCode === 0) return result.stdout;
    log.warn('ssh refused its configuration', { host: target.host, stderr: result.stderr.slice(0, 1_000) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fail(
      'ssh/config-unreadable',
      { file: configFile ?? '~/.ssh/config', problem: 'ssh did not answer in time' },
      error,
    );
  }
  throw fail('ssh/config-unreadable', {
    file: configFile ?? '~/.ssh/config',
    problem: 'ssh refuses it, and its reason is in the log',
  });
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}

/** @see `ssh -G`: one `key value` per line, keys in lower case, repeated keys for several values. */
export function parseSshConfig(output: string | undefined): SshConfig {
  const entries = (output ?? '').split(/\r?\n/).flatMap((line) => {
    const space = line.indexOf(' ');
    return space === -1 ? [] : [[line.slice(0, space).toLowerCase(), line.slice(space + 1).trim()] as const];
  });
  const all = (key: string) =>
    entries.filter(([name, value]) => name === key && value !== '').map(([, value]) => value);
  return {
    found: output !== undefined,
    entries,
    all,
    first: (key) => all(key)[0],
    // Printed without quotes, so only what begins like a path begins a new one.
    paths: (key) => all(key).flatMap((value) => value.split(/\s+(?=[/~]|[A-Za-z]:[/\\])/)),
  };
}
