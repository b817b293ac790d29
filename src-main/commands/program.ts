import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import { appCommand } from './app-command.ts';
import { gatewayCommand } from './gateway-command.ts';
import { healthCommand } from './health-command.ts';
import { RemoteCommands } from './remote-commands.ts';
import { nodeSurroundings, type NodeSurroundings } from './surroundings.ts';
import { EXIT, reportError, type ExitCode, type Terminal } from './terminal.ts';
import { tunnelCommand } from './tunnel-command.ts';

type LogName = Parameters<typeof nodeSurroundings>[0]['log'];
type Run = (around: NodeSurroundings) => Promise<ExitCode>;

export interface ProgramDeps {
  readonly terminal: Terminal;
  /** The folder `out/`. */
  readonly distRoot: string;
  readonly version: string;
  /** Starts the desktop app; absent where there is no Electron. */
  readonly startDesktop: () => Promise<ExitCode>;
}

/** Understands the words of a command line and runs what they ask for. Resolves with the exit code. */
export async function runProgram(words: readonly string[], deps: ProgramDeps): Promise<ExitCode> {
  const context = new Context(deps);
  const program = createProgram(context, deps);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are what was asked for; anything else that commander throws is wrong words.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return context.exitCode;
}

/** Runs one command with its adapters and turns whatever it throws into sentences and an exit code. */
class Context {
  readonly #deps: ProgramDeps;
  exitCode: ExitCode = EXIT.done;

  constructor(deps: ProgramDeps) {
    this.#deps = deps;
  }

  get terminal(): Terminal {
    return this.#deps.terminal;
  }

  async run(
    options: { readonly log: LogName; readonly profile?: string; readonly json?: boolean },
    run: Run,
  ): Promise<void> {
    const { terminal, distRoot } = this.#deps;
    try {
      const around = nodeSurroundings({ distRoot, env: terminal.env, profile: options.profile, log: options.log });
      try {
        this.exitCode = await run(around);
      } finally {
        await around.close();
      }
    } catch (error) {
      this.exitCode = reportError(terminal, error, { json: options.json === true });
    }
  }

  remote(options: { readonly json?: boolean }, run: (commands: RemoteCommands) => Promise<ExitCode>): Promise<void> {
    return this.run({ log: 'app', ...options }, (around) =>
      run(new RemoteCommands(this.terminal, around, { json: options.json === true })),
    );
  }
}

function createProgram(context: Context, deps: ProgramDeps): Command {
  const { terminal } = deps;
  const program = new Command('gangway')
    .description('Runs a gateway here, reaches one over there by SSH, exposes one safely.')
    .version(deps.version)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  addGateway(program, context);
  addTunnel(program, context);
  addHealth(program, context);
  addApp(program, context, deps);
  addSwitching(program, context);
  addList(program, context);
  return program;
}

const json = (): Option => new Option('--json', 'answer in JSON, one value per line');

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

function milliseconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 3_600)
    throw new InvalidArgumentError('Give seconds, up to 3600.');
  return seconds * 1_000;
}

interface GatewayFlags {
  readonly port?: number;
  readonly bind?: 'loopback' | 'tailnet' | 'lan' | 'custom';
  readonly host?: string;
  readonly auth?: 'none' | 'token' | 'password';
  readonly profile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

function addGateway(program: Command, context: Context): void {
  program
    .command('gateway')
    .description('run a gateway in the foreground')
    .option('--port <n>', 'port to listen on (0: any free one)', port)
    .addOption(new Option('--bind <where>', 'who can reach it').choices(['loopback', 'tailnet', 'lan', 'custom']))
    .option('--host <ip>', 'address for --bind custom')
    .addOption(new Option('--auth <mode>', 'how clients sign in').choices(['none', 'token', 'password']))
    .option('--profile <name>', 'a gateway with a home folder of its own')
    .option('--config <file>', 'another configuration file')
    .addOption(json())
    .action((flags: GatewayFlags) =>
      context.run({ log: 'gateway', ...flags }, (around) =>
        gatewayCommand(context.terminal, around, {
          overrides: { port: flags.port, bind: flags.bind, host: flags.host, authMode: flags.auth },
          config: flags.config,
          json: flags.json === true,
        }),
      ),
    );
}

interface TunnelFlags {
  readonly localPort: number;
  readonly remotePort: number;
  readonly remoteHost: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshConfig?: string;
  readonly acceptNewHostKey?: boolean;
  readonly json?: boolean;
}

function addTunnel(program: Command, context: Context): void {
  program
    .command('tunnel')
    .description('keep one port of another computer reachable here')
    .argument('<target>', 'user@host[:port], or an alias of your SSH configuration')
    .option('--local-port <n>', 'port here (0: any free one)', port, 18_789)
    .option('--remote-port <n>', 'port over there', port, 18_789)
    .option('--remote-host <host>', 'address over there', '127.0.0.1')
    .option('--identity <file>', 'private key')
    .option('--known-hosts <file>', 'instead of ~/.ssh/known_hosts')
    .option('--ssh-config <file>', 'instead of ~/.ssh/config')
    .option('--accept-new-host-key', 'trust a host that is not known yet; never one whose key has changed')
    .addOption(json())
    .action((target: string, flags: TunnelFlags) =>
      context.run({ log: 'tunnel', ...flags }, (around) =>
        tunnelCommand(context.terminal, around, {
          target,
          localPort: flags.localPort,
          remotePort: flags.remotePort,
          remoteHost: flags.remoteHost,
          identityFile: flags.identity,
          knownHostsFile: flags.knownHosts,
          sshConfigFile: flags.sshConfig,
          acceptNewHostKey: flags.acceptNewHostKey === true,
          json: flags.json === true,
        }),
      ),
    );
}

interface HealthFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

function addHealth(program: Command, context: Context): void {
  program
    .command('health')
    .description('ask a gateway whether it is well: exits 0 healthy, 1 not well, 2 unreachable, 3 refused')
    .option('--url <url>', 'ws:// or wss:// address; without it the gateway in use')
    .option('--token-file <file>', 'file with the token (-: standard input)')
    .addOption(
      new Option('--password-file <file>', 'file with the password (-: standard input)').conflicts('tokenFile'),
    )
    .addOption(json())
    .action((flags: HealthFlags) =>
      context.run({ log: 'app', ...flags }, (around) =>
        healthCommand(context.terminal, around, {
          url: flags.url,
          secretFile: flags.tokenFile ?? flags.passwordFile,
          json: flags.json === true,
        }),
      ),
    );
}

function addApp(program: Command, context: Context, deps: ProgramDeps): void {
  program
    .command('app')
    .description('run the app; --headless without a window')
    .option('--headless', 'no tray and no window: drive it with status, use and off')
    .action(async ({ headless }: { readonly headless?: boolean }) => {
      if (headless === true) await context.run({ log: 'app' }, (around) => appCommand(context.terminal, around));
      else context.exitCode = await deps.startDesktop();
    });
}

interface JsonFlag {
  readonly json?: boolean;
}

function addSwitching(program: Command, context: Context): void {
  program
    .command('status')
    .description('what the running app does')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.status()));
  program
    .command('use')
    .description('switch the running app to a gateway; “local” is the one on this computer')
    .argument('<name>')
    .option('--wait <seconds>', 'how long to wait until it is up', milliseconds, 30_000)
    .addOption(json())
    .action((name: string, flags: JsonFlag & { readonly wait: number }) =>
      context.remote(flags, (commands) => commands.use(name, flags.wait)),
    );
  program
    .command('off')
    .description('switch the running app off: nothing is left open')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.off()));
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
  readonly ssh?: string;
  readonly url?: string;
  readonly remotePort?: number;
  readonly localPort?: number;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshConfig?: string;
  readonly tokenFile?: string;
}

function addList(program: Command, context: Context): void {
  const gateways = program.command('gateways').description('the gateways the running app knows');
  gateways
    .command('list')
    .addOption(json())
    .action((flags: JsonFlag) => context.remote(flags, (commands) => commands.list()));
  gateways
    .command('add')
    .argument('<name>')
    .option('--ssh <target>', 'user@host[:port], or an alias of your SSH configuration')
    .addOption(new Option('--url <url>', 'wss:// address for a direct connection').conflicts('ssh'))
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
    .command('remove')
    .argument('<name>')
    .addOption(json())
    .action((name: string, flags: JsonFlag) => context.remote(flags, (commands) => commands.remove(name)));
}

function newGateway(name: string, flags: AddFlags) {
  if (flags.url !== undefined) return { kind: 'direct', name, url: flags.url } as const;
  if (flags.ssh === undefined) return undefined;
  return {
    kind: 'ssh',
    name,
    target: flags.ssh,
    ...(flags.remotePort !== undefined && { remotePort: flags.remotePort }),
    ...(flags.localPort !== undefined && { localPort: flags.localPort }),
    ...(flags.identity !== undefined && { identityFile: flags.identity }),
    ...(flags.knownHosts !== undefined && { knownHostsFile: flags.knownHosts }),
    ...(flags.sshConfig !== undefined && { sshConfigFile: flags.sshConfig }),
  } as const;
}
