import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';

import { runProgram } from './program.ts';
import { startDesktop } from './start-desktop.ts';
import type { Terminal } from './terminal.ts';
import { openTerminal } from './typing-terminal.ts';

/** Runs the command line of this process to its end. `distRoot` is the folder `out/`. */
export async function main(distRoot: string, version: string): Promise<void> {
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: isatty(1),
    inIsTerminal: isatty(0),
    openTyping: openTerminal,
    env: process.env,
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    confirm,
  };
  // A reader that goes away (`gangway gateways list | head`) is no reason for a stack trace.
  process.stdout.on('error', () => process.exit(0));
  process.exitCode = await runProgram(process.argv.slice(2), {
    terminal,
    distRoot,
    version,
    startDesktop: () => startDesktop(terminal, distRoot),
  });
}

/** Anything but a clear yes is a no. */
async function confirm(question: string): Promise<boolean | undefined> {
  if (!isatty(0) || !isatty(2)) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
