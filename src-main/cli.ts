import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

import { runProgram } from './commands/program.ts';
import { startDesktop } from './commands/start-desktop.ts';
import type { Terminal } from './commands/terminal.ts';

const distRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(distRoot, '..', 'package.json'), 'utf8')) as { version: string };

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  outIsTerminal: isatty(1),
  env: process.env,
  readInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
};

// A reader that goes away (`gangway gateways list | head`) is no reason for a stack trace.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await runProgram(process.argv.slice(2), {
  terminal,
  distRoot,
  version,
  startDesktop: () => startDesktop(terminal, distRoot),
});
