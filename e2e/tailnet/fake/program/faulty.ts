import { takeFault, type Fault } from '../faults.ts';
import type { Program } from './program.ts';

/** What goes wrong in this run: the program as it then speaks, or the code that it ends with at once. */
export type Faulty = { readonly program: Program } | { readonly exitCode: number };

/** Looks up whether something is to go wrong with `command`, and prepares it. */
export async function withFaults(program: Program, command: string): Promise<Faulty> {
  const fault = takeFault(program.folder, command);
  if (fault === undefined) return { program };
  if (fault.kind === 'exit') {
    await program.out(fault.stdout ?? '');
    program.err(fault.stderr ?? '');
    return { exitCode: fault.code };
  }
  if (fault.kind === 'hang') {
    await program.out(fault.stdout ?? '');
    if (fault.ignoresTerm === true) process.on('SIGTERM', () => undefined);
    return new Promise(() => setInterval(() => undefined, 1_000_000));
  }
  if (fault.kind === 'ignore-term') process.on('SIGTERM', () => undefined);
  if (fault.kind === 'delay') await pause(fault.ms);
  return { program: { ...program, out: spoken(program, fault) } };
}

/** How the program speaks with that fault; those of the daemon change nothing here. */
function spoken(program: Program, fault: Fault): Program['out'] {
  if (fault.kind === 'prepend') return (text) => program.out(fault.stdout + text);
  if (fault.kind === 'pad') return (text) => program.out(text + ' '.repeat(fault.bytes));
  if (fault.kind === 'split') return (text) => inPieces(program, text, fault);
  return program.out;
}

async function inPieces(program: Program, text: string, { bytes, ms }: { bytes: number; ms: number }): Promise<void> {
  for (let at = 0; at < text.length; at += bytes) {
    await program.out(text.slice(at, at + bytes));
    await pause(ms);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
