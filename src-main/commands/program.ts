import { Command, CommanderError, Option } from 'commander';

import type { ExposureMode } from '../contract/exposure.ts';
import type { Forward, SshEngine } from '../contract/tunnel.ts';
import { appCommand } from './app-command.ts';
import { CommandContext, type ProgramDeps } from './command-context.ts';
import { addList, addSwitching } from './drive-commands.ts';
import { collectForward } from './forward-words.ts';
import { gatewayCommand } from './gateway-command.ts';
import { gatewayDevicesCommand, type DeviceErrand } from './gateway-devices-command.ts';
import { gatewayTokenCommand } from './gateway-token-command.ts';
import { healthCommand } from './health-command.ts';
import { logCommand } from './log-command.ts';
import { engine, ipAddress, json, lineCount, port, tlsPin, trustedNetwork } from './options.ts';
import { EXIT, type ExitCode } from './terminal.ts';
import { addTailscale } from './tailscale-words.ts';
import { testCommand } from './test-command.ts';
import { tunnelCommand } from './tunnel-command.ts';

/** Understands the words of a command line and runs what they ask for. Resolves with the exit code. */
export async function runProgram(words: readonly string[], deps: ProgramDeps): Promise<ExitCode> {
  const context = new CommandContext(deps);
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

function createProgram(context: CommandContext, deps: ProgramDeps): Command {
  const { terminal } = deps;
  const program = new Command('gangway')
    .description('Runs a gateway here, reaches one over there by SSH, exposes one safely.')
    .version(deps.version)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  addGateway(program, context);
  addTunnel(program, context);
  addTest(program, context);
  addHealth(program, context);
  addApp(program, context, deps);
  addSwitching(program, context);
  addTailscale(program, context);
  addLogs(program, context);
  addList(program, context);
  return program;
}

interface LogFlags {
  readonly source: 'app' | 'gateway' | 'tunnel';
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

function addLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .description('the log of the app, of its gateway or of tunnels; secrets are removed before it is written')
    .addOption(new Option('--source <which>').choices(['app', 'gateway', 'tunnel']).default('app'))
    .option('--lines <n>', 'how many of the last lines', lineCount, 50)
    .option('--follow', 'go on until Ctrl+C')
    .addOption(json())
    .action((flags: LogFlags) =>
      context.run({ log: 'app', ...flags }, (around) =>
        logCommand(context.terminal, around, {
          source: flags.source,
          lines: flags.lines,
          follow: flags.follow === true,
          json: flags.json === true,
        }),
      ),
    );
}

interface GatewayFlags {
  readonly port?: number;
  readonly bind?: 'loopback' | 'tailnet' | 'lan' | 'custom';
  readonly host?: string;
  readonly auth?: 'none' | 'token' | 'password';
  readonly tailscale?: ExposureMode;
  readonly resetOnExit?: boolean;
  readonly profile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

function addGateway(program: Command, context: CommandContext): void {
  const gateway = program
    .command('gateway')
    .description('run a gateway in the foreground')
    .option('--port <n>', 'port to listen on (0: any free one)', port)
    .addOption(new Option('--bind <where>', 'who can reach it').choices(['loopback', 'tailnet', 'lan', 'custom']))
    .option('--host <ip>', 'address for --bind custom', ipAddress)
    .addOption(new Option('--auth <mode>', 'how clients sign in').choices(['none', 'token', 'password']))
    .addOption(
      new Option('--tailscale <mode>', 'open it to your tailnet, or to the internet').choices([
        'off',
        'serve',
        'funnel',
      ]),
    )
    .option('--reset-on-exit', 'a mode that is switched to while it runs does not outlast the run (the default)')
    .option('--no-reset-on-exit', 'it is written into the configuration')
    .option('--profile <name>', 'a gateway with a home folder of its own')
    .option('--config <file>', 'another configuration file')
    .addOption(json())
    .action((flags: GatewayFlags) =>
      context.run({ log: 'gateway', ...flags }, (around) =>
        gatewayCommand(context.terminal, around, {
          overrides: {
            port: flags.port,
            bind: flags.bind,
            host: flags.host,
            authMode: flags.auth,
            tailscale: flags.tailscale,
            resetOnExit: flags.resetOnExit,
          },
          config: flags.config,
          json: flags.json === true,
        }),
      ),
    );
  addGatewayToken(gateway, context);
  addGatewayDevices(gateway, context);
}

function addGatewayDevices(gateway: Command, context: CommandContext): void {
  const run = (errand: DeviceErrand, command: Command): Promise<void> => {
    const flags = command.optsWithGlobals<GatewayFlags>();
    return context.run({ log: 'app', ...flags }, (around) =>
      gatewayDevicesCommand(context.terminal, around, { errand, json: flags.json === true }),
    );
  };
  const devices = gateway.command('devices').description('who waits for approval at the gateway of this computer');
  devices
    .command('list', { isDefault: true })
    .description('who waits, and who is paired')
    .action((_flags: unknown, command: Command) => run({ what: 'list' }, command));
  for (const what of ['approve', 'reject'] as const) {
    devices
      .command(what)
      .argument('<request>', 'as `devices` names it')
      .action((requestId: string, _flags: unknown, command: Command) => run({ what, requestId }, command));
  }
  devices
    .command('remove')
    .argument('<device>', 'a paired one; its connections are closed')
    .action((deviceId: string, _flags: unknown, command: Command) => run({ what: 'remove', deviceId }, command));
}

/** `--json`, `--port`, `--profile` and `--config` are those of `gateway`, before or after the word. */
function addGatewayToken(gateway: Command, context: CommandContext): void {
  gateway
    .command('token')
    .description('print the token of the gateway of this computer, for programs')
    .option('--show', 'also to a screen')
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GatewayFlags & { readonly show?: boolean }>();
      return context.run({ log: 'app', ...flags }, (around) =>
        gatewayTokenCommand(context.terminal, around, {
          config: flags.config,
          port: flags.port,
          show: flags.show === true,
          json: flags.json === true,
        }),
      );
    });
}

interface TunnelFlags {
  readonly also: readonly Forward[];
  readonly engine: SshEngine;
  readonly localPort: number;
  readonly remotePort: number;
  readonly remoteHost: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshConfig?: string;
  readonly acceptNewHostKey?: boolean;
  readonly json?: boolean;
}

function addTunnel(program: Command, context: CommandContext): void {
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
    .addOption(engine())
    .option('--also <local:host:port>', 'another port on the same connection; may be given again', collectForward, [])
    .addOption(json())
    .action((target: string, flags: TunnelFlags) =>
      context.run({ log: 'tunnel', ...flags }, (around) =>
        tunnelCommand(context.terminal, around, {
          target,
          engine: flags.engine,
          forwards: flags.also,
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

interface TestFlags extends Pick<
  TunnelFlags,
  'engine' | 'remotePort' | 'remoteHost' | 'identity' | 'knownHosts' | 'sshConfig'
> {
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** Given, they describe a target, not a gateway of the list. */
const ROUTE_FLAGS = ['engine', 'remotePort', 'remoteHost', 'identity', 'knownHosts', 'sshConfig'] as const;

function addTest(program: Command, context: CommandContext): void {
  program
    .command('test')
    .description('go the whole way to a gateway once, and say how far it is well')
    .argument('<target>', 'a gateway of the list, or user@host[:port], or an alias of your SSH configuration')
    .option('--remote-port <n>', 'port over there', port, 18_789)
    .option('--remote-host <host>', 'address over there', '127.0.0.1')
    .option('--identity <file>', 'private key')
    .option('--known-hosts <file>', 'instead of ~/.ssh/known_hosts')
    .option('--ssh-config <file>', 'instead of ~/.ssh/config')
    .addOption(engine())
    .option('--token-file <file>', 'file with the token of that gateway (-: standard input)')
    .addOption(json())
    .action((target: string, flags: TestFlags, command: Command) =>
      context.run({ log: 'tunnel', ...flags }, (around) =>
        testCommand(context.terminal, around, {
          tunnel: {
            target,
            engine: flags.engine,
            remotePort: flags.remotePort,
            remoteHost: flags.remoteHost,
            identityFile: flags.identity,
            knownHostsFile: flags.knownHosts,
            sshConfigFile: flags.sshConfig,
          },
          mayBeName: !ROUTE_FLAGS.some((flag) => command.getOptionValueSource(flag) === 'cli'),
          secretFile: flags.tokenFile,
          json: flags.json === true,
        }),
      ),
    );
}

interface HealthFlags {
  readonly url?: string;
  readonly tlsFingerprint?: string;
  readonly trustedPrivateNetwork?: true;
  readonly tokenFile?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

function addHealth(program: Command, context: CommandContext): void {
  program
    .command('health')
    .description('ask a gateway whether it is well: exits 0 healthy, 1 not well, 2 unreachable, 3 refused')
    .option('--url <url>', 'ws:// or wss:// address; without it the gateway in use, or the one of this computer')
    .addOption(tlsPin())
    .addOption(trustedNetwork())
    .option('--token-file <file>', 'file with the token (-: standard input)')
    .addOption(
      new Option('--password-file <file>', 'file with the password (-: standard input)').conflicts('tokenFile'),
    )
    .addOption(json())
    .action((flags: HealthFlags) =>
      context.run({ log: 'app', ...flags }, (around) =>
        healthCommand(context.terminal, around, {
          url: flags.url,
          tlsFingerprint: flags.tlsFingerprint,
          secretFile: flags.tokenFile ?? flags.passwordFile,
          trustedNetwork: flags.trustedPrivateNetwork === true,
          json: flags.json === true,
        }),
      ),
    );
}

function addApp(program: Command, context: CommandContext, deps: ProgramDeps): void {
  program
    .command('app')
    .description('run the app; --headless without a window')
    .option('--headless', 'no tray and no window: drive it with status, use and off')
    .action(async ({ headless }: { readonly headless?: boolean }) => {
      if (headless === true) await context.run({ log: 'app' }, (around) => appCommand(context.terminal, around));
      else context.exitCode = await deps.startDesktop();
    });
}
