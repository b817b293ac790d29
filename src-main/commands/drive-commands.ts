import { Argument, InvalidArgumentError, Option, type Command } from 'commander';

import type { SshEngine } from '../contract/tunnel.ts';

import type { HostKeyTrust } from '../contract/calls.ts';
import type { CommandContext } from './command-context.ts';
import { parseForward } from './forward-words.ts';
import { engine, json, port, tlsPin, trustedNetwork, wait } from './options.ts';
import type { ForwardChange } from './remote-commands.ts';

interface JsonFlag {
  readonly json?: boolean;
}

interface WaitFlags extends JsonFlag {
  readonly wait: number;
}

interface TrustFlags extends WaitFlags {
  readonly fingerprint: string;
  readonly once?: boolean;
  readonly replace?: boolean;
}

function trustOf({ once, replace }: TrustFlags): HostKeyTrust {
  if (replace === true) return 'replace';
  return once === true ? 'once' : 'always';
}

/** The repairs that the errors speak of, for where there is no window. */
function addRepairs(program: Command, gateways: Command, context: CommandContext): void {
  program
    .command('retry')
    .description('try at once instead of waiting for the next attempt')
    .argument('[name]')
    .addOption(wait())
    .addOption(json())
    .action((name: string | undefined, flags: WaitFlags) =>
      context.remote(flags, (commands) => commands.retry(name, flags.wait)),
    );
  const repair = (words: string, about: string): Command =>
    gateways.command(words).description(about).addOption(wait()).addOption(json());
  repair('attach', 'use the gateway that already listens on this computer').action((flags: WaitFlags) =>
    context.remote(flags, (commands) => commands.attach(flags.wait)),
  );
  repair('move <name>', 'give a gateway another port on this computer')
    .requiredOption('--port <n>', 'the port', port)
    .action((name: string, flags: WaitFlags & { readonly port: number }) =>
      context.remote(flags, (commands) => commands.move(name, flags.port, flags.wait)),
    );
  repair('trust <name>', 'trust the host key or the certificate whose fingerprint you have compared')
    .requiredOption('--fingerprint <SHA256:…|AB:CD:…>', 'the fingerprint that was shown')
    .addOption(new Option('--once', 'until the app ends, and written nowhere').conflicts('replace'))
    .option('--replace', 'put it in the place of the key that is known; a copy of known_hosts is kept')
    .action((name: string, flags: TrustFlags) =>
      context.remote(flags, (commands) =>
        commands.trust(name, { fingerprint: flags.fingerprint, how: trustOf(flags) }, flags.wait),
      ),
    );
  repair('trust-network <name>', 'reach a gateway without encryption, in a private network that you trust as a whole')
    .option('--off', 'no longer')
    .action((name: string, flags: WaitFlags & { readonly off?: boolean }) =>
      context.remote(flags, (commands) => commands.trustNetwork(name, flags.off !== true, flags.wait)),
    );
  repair('pickup <name>', 'fetch the token over SSH, or have this device approved there; asks before')
    .option('--yes', 'do not ask: what is run was read before')
    .action((name: string, flags: WaitFlags & { readonly yes?: boolean }) =>
      context.remote(flags, (commands) => commands.pickup(name, { yes: flags.yes === true }, flags.wait)),
    );
  repair('identity <name>', 'offer another private key')
    .requiredOption('--file <file>', 'the private key')
    .action((name: string, flags: WaitFlags & { readonly file: string }) =>
      context.remote(flags, (commands) => commands.identity(name, flags.file, flags.wait)),
    );
  repair('engine <name>', 'let Gangway itself or the ssh of this computer make the SSH connections')
    .addArgument(new Argument('<engine>').choices(['built-in', 'system-ssh']))
    .action((name: string, engine: SshEngine, flags: WaitFlags) =>
      context.remote(flags, (commands) => commands.engine(name, engine, flags.wait)),
    );
  repair('token <name>', 'store the token that is set on a gateway')
    .requiredOption('--token-file <file>', 'file with the token (-: standard input)')
    .action((name: string, flags: WaitFlags & { readonly tokenFile: string }) =>
      context.remote(flags, (commands) => commands.token(name, flags.tokenFile, flags.wait)),
    );
}

/** What signing in asks for, where there is no window. */
function addAnswers(program: Command, gateways: Command, context: CommandContext): void {
  program
    .command('answer')
    .description('give what a gateway asks for: typed without being shown, or a line of standard input for each field')
    .argument('[name]')
    .option('--remember', 'keep it with the secrets of this computer')
    .addOption(wait())
    .addOption(json())
    .action((name: string | undefined, flags: WaitFlags & { readonly remember?: boolean }) =>
      context.remote(flags, (commands) =>
        commands.answer(name, { remember: flags.remember === true, waitMs: flags.wait }),
      ),
    );
  gateways
    .command('forget')
    .description('forget the passphrases and passwords of a gateway')
    .argument('<name>')
    .addOption(json())
    .action((name: string, flags: JsonFlag) => context.remote(flags, (commands) => commands.forget(name)));
}

/** Status, switching and the environment of the running app. */
export function addSwitching(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('what the running app does')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.status()));
  program
    .command('use')
    .description('switch the running app to a gateway; “local” is the one on this computer')
    .argument('<name>')
    .addOption(wait())
    .addOption(json())
    .action((name: string, flags: WaitFlags) => context.remote(flags, (commands) => commands.use(name, flags.wait)));
  program
    .command('off')
    .description('switch the running app off: nothing is left open')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.off()));
  program
    .command('events')
    .description('what happened to the lines')
    .option('--follow', 'go on until Ctrl+C')
    .addOption(json())
    .action((flags: JsonFlag & { readonly follow?: boolean }) =>
      context.remote(flags, (commands) => commands.events(flags.follow === true)),
    );
  program
    .command('env')
    .description('print the exports that point any OpenClaw program at the gateway in use')
    .option('--show', 'also to a screen')
    .addOption(json())
    .action((flags: JsonFlag & { readonly show?: boolean }) =>
      context.remote(flags, (commands) => commands.env(flags.show === true)),
    );
}

interface AddFlags extends JsonFlag {
  readonly engine: SshEngine;
  readonly ssh?: string;
  readonly url?: string;
  readonly tlsFingerprint?: string;
  readonly trustedPrivateNetwork?: true;
  readonly remotePort?: number;
  readonly localPort?: number;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshConfig?: string;
  readonly tokenFile?: string;
}

/** Ports beside the one of the gateway. */
function addForwards(gateways: Command, context: CommandContext): void {
  const forward = gateways
    .command('forward')
    .description('further ports on the SSH connection of a gateway')
    .argument('<name>')
    .argument('<what...>', 'add LOCAL:HOST:PORT, remove LOCAL, or list')
    .addOption(json());
  forward.action((name: string, what: readonly string[], flags: JsonFlag) => {
    const change = forwardChange(what, forward);
    if (change === undefined) return forward.error('error: give add LOCAL:HOST:PORT, remove LOCAL, or list');
    return context.remote(flags, (commands) =>
      change === 'list' ? commands.forwards(name) : commands.changeForward(name, change),
    );
  });
}

function forwardChange(given: readonly string[], command: Command): ForwardChange | 'list' | undefined {
  const [what, words, ...more] = given;
  if (more.length > 0) return undefined;
  if (words === undefined) return what === 'list' ? 'list' : undefined;
  try {
    if (what === 'add') return { add: parseForward(words) };
    return what === 'remove' ? { remove: port(words) } : undefined;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return command.error(`error: ${error.message}`);
    throw error;
  }
}

/** The list of gateways, and the repairs that errors speak of. */
export function addList(program: Command, context: CommandContext): void {
  const gateways = program.command('gateways').description('the gateways the running app knows');
  addRepairs(program, gateways, context);
  addForwards(gateways, context);
  addAnswers(program, gateways, context);
  gateways
    .command('list')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.list()));
  gateways
    .command('add')
    .argument('<name>')
    .option('--ssh <target>', 'user@host[:port], or an alias of your SSH configuration')
    .addOption(new Option('--url <url>', 'wss:// address for a direct connection').conflicts('ssh'))
    .addOption(tlsPin().conflicts('ssh'))
    .addOption(trustedNetwork().conflicts('ssh'))
    .addOption(engine())
    .option('--remote-port <n>', 'port of the gateway over there', port)
    .option('--local-port <n>', 'port here', port)
    .option('--identity <file>', 'private key')
    .option('--known-hosts <file>', 'instead of ~/.ssh/known_hosts')
    .option('--ssh-config <file>', 'instead of ~/.ssh/config')
    .option('--token-file <file>', 'file with its token (-: standard input)')
    .addOption(json())
    .action((name: string, flags: AddFlags, command: Command) => {
      const gateway = newGateway(name, flags);
      if (gateway === undefined) return command.error('error: give --ssh TARGET or --url URL');
      return context.remote(flags, (commands) => commands.add(gateway, flags.tokenFile));
    });
  gateways
    .command('keep')
    .description('keep a gateway connected beside the one in use, on a port of its own')
    .argument('<name>')
    .option('--off', 'no longer')
    .addOption(json())
    .action((name: string, flags: JsonFlag & { readonly off?: boolean }) =>
      context.remote(flags, (commands) => commands.keep(name, flags.off !== true)),
    );
  gateways
    .command('remove')
    .argument('<name>')
    .addOption(json())
    .action((name: string, flags: JsonFlag) => context.remote(flags, (commands) => commands.remove(name)));
}

function newGateway(name: string, flags: AddFlags) {
  const { url, tlsFingerprint } = flags;
  if (url !== undefined) {
    const trusted = flags.trustedPrivateNetwork && { trustedNetwork: true };
    return { kind: 'direct', name, url, ...(tlsFingerprint !== undefined && { tlsFingerprint }), ...trusted } as const;
  }
  if (flags.ssh === undefined) return undefined;
  return {
    kind: 'ssh',
    name,
    target: flags.ssh,
    engine: flags.engine,
    ...(flags.remotePort !== undefined && { remotePort: flags.remotePort }),
    ...(flags.localPort !== undefined && { localPort: flags.localPort }),
    ...(flags.identity !== undefined && { identityFile: flags.identity }),
    ...(flags.knownHosts !== undefined && { knownHostsFile: flags.knownHosts }),
    ...(flags.sshConfig !== undefined && { sshConfigFile: flags.sshConfig }),
  } as const;
}
