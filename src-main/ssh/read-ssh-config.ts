import { fail } from '../contract/errors.ts';
import type { Files, ProgramRunner } from '../platform/ports.ts';
import { readConfigFiles, type ConfigFilesDeps } from './config-file/read-config-files.ts';
import { parseSshConfig, type SshConfig } from './ssh-config.ts';
import type { SshTarget } from './ssh-target.ts';

interface ConfigDeps extends ConfigFilesDeps {
  readonly runner: ProgramRunner;
}

const TIMEOUT_MS = 5_000;

/**
 * The output of `ssh -G`, which follows Include, Match and CanonicalizeHostname as the user's own `ssh` does. Where there
 * is no `ssh`, what the files say by our own reading.
 * @throws AppError `ssh/config-unreadable`
 */
export async function readSshConfig(
  target: SshTarget,
  configFile: string | undefined,
  deps: ConfigDeps,
): Promise<SshConfig> {
  if (configFile !== undefined) await requireReadable(configFile, deps.files);
  const output = await askSsh(target, configFile, deps);
  return output === undefined ? readConfigFiles(target, configFile, deps) : parseSshConfig(output);
}

async function requireReadable(file: string, files: Pick<Files, 'read'>): Promise<void> {
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
