import { loadGatewayConfig } from '../config/gateway-config.ts';
import { AppError } from '../contract/errors.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import { ControlClient } from '../control/control-client.ts';
import { resolveRunOptions } from '../supervisor/run-options.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

interface GatewayTokenOptions {
  /** Another configuration file than that of the home folder. */
  readonly config: string | undefined;
  readonly port: number | undefined;
  /** Also to a screen. */
  readonly show: boolean;
  readonly json: boolean;
}

interface TokenAnswer {
  readonly port: number;
  readonly mode: 'none' | 'token' | 'password';
  readonly token?: string;
}

/**
 * `gangway gateway token`: the token of the gateway of this computer and the port it belongs to, for whoever may run
 * programs here. A password is never given out: it was chosen by a person, who knows it.
 */
export async function gatewayTokenCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: GatewayTokenOptions,
): Promise<ExitCode> {
  if (terminal.outIsTerminal && !options.show && !options.json) {
    terminal.err('gangway: the token is not shown on a screen. Send it to a program, or add --show\n');
    return EXIT.usage;
  }
  const answer = (await fromRunningApp(around)) ?? (await fromConfig(around, options));
  if (options.json) terminal.out(`${JSON.stringify(answer)}\n`);
  else if (answer.token !== undefined) terminal.out(`${answer.token}\n`);
  else terminal.err(`gangway: this gateway has no token, its sign-in is “${answer.mode}”\n`);
  return options.json || answer.token !== undefined ? EXIT.done : EXIT.notWell;
}

/** The running app keeps its secrets in a keychain, which only it can open. */
async function fromRunningApp({ paths }: NodeSurroundings): Promise<TokenAnswer | undefined> {
  const client = await ControlClient.connect(paths.controlSocket).catch(() => undefined);
  if (client === undefined) return undefined;
  try {
    const { use, gateways } = await client.call('snapshot.get', undefined);
    if (use !== LOCAL_GATEWAY) return undefined;
    const { url, token } = await client.call('gateway.env', undefined);
    const mode = gateways.find(({ id }) => id === use)?.exposure?.access.auth ?? 'token';
    return { port: Number(new URL(url).port), mode, ...(mode === 'token' && token !== undefined && { token }) };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  } finally {
    client.close();
  }
}

async function fromConfig(around: NodeSurroundings, options: GatewayTokenOptions): Promise<TokenAnswer> {
  const { paths, files, secrets, env, version, controlUiRoot } = around;
  const configFile = options.config ?? paths.gatewayConfig;
  const { port, auth } = await resolveRunOptions({
    loaded: await loadGatewayConfig(configFile, files),
    configFile,
    home: paths.root,
    secrets,
    env,
    version,
    controlUiRoot,
    overrides: { port: options.port },
  });
  return auth.mode === 'token' ? { port, mode: 'token', token: auth.token } : { port, mode: auth.mode };
}
