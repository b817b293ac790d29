import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { COMMANDS } from './commands.ts';
import { ProgramError } from './daemon-client.ts';
import { withFaults } from './faulty.ts';
import { parseFlags, UsageError } from './flags.ts';
import { programFor, type Program } from './program.ts';

// Stands for `tailscale`: the same words, texts and exit codes as 1.102.3, told by a fake daemon.

const USUAL_SOCKET = '/var/run/tailscale/tailscaled.sock';

const argv = process.argv.slice(2);
const { flags, rest } = parseFlags(argv, { socket: 'word', version: 'switch', V: 'switch' });
const program = programFor(flags.get('socket') ?? USUAL_SOCKET);
const [command = '', ...words] = flags.has('version') || flags.has('V') ? ['version'] : rest;

note({ argv });
const exitCode = await run(program).catch((error: unknown) => {
  if (!(error instanceof UsageError || error instanceof ProgramError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return error instanceof UsageError ? 2 : 1;
});
note({ exitCode });
process.exit(exitCode);

async function run(told: Program): Promise<number> {
  const faulty = await withFaults(
    told,
    words[0] === 'status' || words[0] === 'reset' ? `${command} ${words[0]}` : command,
  );
  if ('exitCode' in faulty) return faulty.exitCode;
  const known = COMMANDS[command];
  if (known === undefined) throw new ProgramError(`tailscale: unknown subcommand: ${command}`);
  return known(faulty.program, words);
}

/** `calls.ndjson`: a line when it starts, another when it ends by itself. */
function note(what: Readonly<Record<string, unknown>>): void {
  const { folder } = program;
  // Nobody looks where no daemon has ever been.
  if (process.env['FAKE_TS_DIR'] === undefined && flags.get('socket') === undefined) return;
  mkdirSync(folder, { recursive: true });
  const line = { at: Date.now(), pid: process.pid, ppid: process.ppid, cwd: process.cwd(), ...what };
  appendFileSync(join(folder, 'calls.ndjson'), `${JSON.stringify(line)}\n`);
}
