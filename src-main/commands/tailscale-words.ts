import { InvalidArgumentError, type Command } from 'commander';

import type { ExposureMode } from '../contract/exposure.ts';
import type { CommandContext } from './command-context.ts';
import { json, port } from './options.ts';
import { tailscaleCommand } from './tailscale-command.ts';
import { parseOpenFor } from './tailscale-text.ts';

interface Flags {
  readonly json?: boolean;
  readonly plan?: boolean;
  readonly port?: number;
  readonly for?: number | 'stays';
  readonly passwordFile?: string;
}

/** What a Funnel is given when nobody says how long. */
const USUAL_MS = 30 * 60_000;

/** `gangway tailscale`: who can reach the gateway of this computer. */
export function addTailscale(program: Command, context: CommandContext): void {
  const group = program
    .command('tailscale')
    .description('who else can reach the gateway of this computer, by Tailscale');
  const add = (mode: ExposureMode | undefined, about: string): Command =>
    group
      .command(mode ?? 'status', { isDefault: mode === undefined })
      .description(about)
      .addOption(json())
      .action((flags: Flags) => run(context, mode, flags));
  add(undefined, 'say who can reach it now, and who has');
  add('off', 'close it: only this computer can reach it');
  for (const open of [
    add('serve', 'open it to your tailnet'),
    add('funnel', 'open it to the internet, for 30 minutes')
      .option('--for <time>', '15m to 24h, or “stays”: until somebody closes it', openFor)
      .option('--password-file <file>', 'let the gateway ask for this password (-: standard input)'),
  ]) {
    open.option('--port <n>', 'where Tailscale takes connections (Funnel: 443, 8443 or 10000)', port);
    open.option('--plan', 'say what it needs and what would change; change nothing');
  }
}

function run(context: CommandContext, mode: ExposureMode | undefined, flags: Flags): Promise<void> {
  const { for: given = USUAL_MS } = flags;
  const forMs = mode === 'funnel' && given !== 'stays' ? { forMs: given } : {};
  const at = flags.port === undefined ? {} : { port: flags.port };
  return context.run({ log: 'app', ...flags }, (around) =>
    tailscaleCommand(context.terminal, around, {
      request: mode === undefined ? undefined : { mode, ...at, ...forMs },
      planOnly: flags.plan === true,
      passwordFile: flags.passwordFile,
      json: flags.json === true,
    }),
  );
}

function openFor(text: string): number | 'stays' {
  try {
    return parseOpenFor(text) ?? 'stays';
  } catch (error) {
    throw new InvalidArgumentError(String(error instanceof RangeError ? error.message : error));
  }
}
