import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fail, type AppError } from '../../contract/errors.ts';
import { readKnown } from '../dialer.ts';
import {
  carryOutDecision,
  judgeDecision,
  type DecisionDeps,
  type HostKeyDecision,
  type ShownKey,
} from '../host-key-decision.ts';
import { fingerprint, parseHostKey, type HostKey } from '../host-key.ts';
import { chosenPath, describeHost, type HostOptions, type ResolveDeps, type ResolvedHost } from '../resolve-host.ts';
import { sshArguments } from './ssh-arguments.ts';
import { toSystemSshFailure } from './system-failure.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 20_000;
/** Cannot be listened on, so that `ssh` ends even where a server asks for no sign-in. */
const NO_FORWARD = './none/none:127.0.0.1:1';

/**
 * As `trustHostKey`, along the way that only the `ssh` of the system can go. It signs nobody in.
 * @throws AppError `ssh/host-key-changed` when another key is shown now or a changed one is not to be replaced,
 * `ssh/host-key-revoked`, `ssh/host-key-in-system-file`, `app/file-unwritable`, or why the host could not be reached
 */
export async function trustSystemHostKey(
  options: HostOptions,
  decision: HostKeyDecision,
  deps: ResolveDeps & DecisionDeps,
): Promise<void> {
  const { host } = await describeHost(options, deps);
  const known = await readKnown(host, deps);
  const shown: ShownKey = { key: await fetchHostKey(options, host, deps), known, host };
  const refusal = judgeDecision(decision, shown);
  if (refusal) throw otherThanSeen(decision, shown) ?? refusal;
  await carryOutDecision(decision, shown, deps);
}

/** Between the person's look and now the key became another one: that is a change, though no line is on file yet. */
function otherThanSeen(decision: HostKeyDecision, { key, known, host }: ShownKey): AppError | undefined {
  if (known.judge(key).verdict !== 'unknown') return undefined;
  return fail('ssh/host-key-changed', {
    host: host.name,
    keyType: key.type,
    fingerprint: fingerprint(key.blob),
    knownFingerprint: decision.fingerprint,
    file: host.userKnownHosts[0],
    line: undefined,
  });
}

/** `ssh` is told to trust whatever it is shown, in a list that nobody else reads. */
async function fetchHostKey(
  options: HostOptions,
  host: ResolvedHost,
  { files, runner, machine }: ResolveDeps,
): Promise<HostKey> {
  const list = join(tmpdir(), `gangway-known-hosts-${randomUUID()}`);
  const args = sshArguments({
    target: options.target,
    identityFile: undefined,
    knownHostsFiles: [list],
    configFile: chosenPath(options.sshConfigFile, machine),
    hostKeys: 'accept-new',
    forwards: [NO_FORWARD],
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  const only = ['-o', 'GlobalKnownHostsFile=none', '-o', 'KnownHostsCommand=none', '-o', 'HashKnownHosts=no'];
  try {
    const { stderr } = await runner.run('ssh', ['-o', 'PreferredAuthentications=none', ...only, ...args], {
      timeoutMs: TIMEOUT_MS,
    });
    const key = parseKnownHostsKey((await files.read(list)) ?? '');
    if (key) return key;
    const lines = stderr.split(/\r?\n/).filter((line) => line !== '' && !/^debug\d:/.test(line));
    throw toSystemSshFailure({ lines, hostKey: undefined }, { ...host, tried: [], greeting: '' });
  } finally {
    await files.remove(list);
  }
}

function parseKnownHostsKey(text: string): HostKey | undefined {
  const [, type, base64] = text.trim().split(/\s+/);
  const key = base64 === undefined ? undefined : parseHostKey(Buffer.from(base64, 'base64'));
  return key?.type === type ? key : undefined;
}
