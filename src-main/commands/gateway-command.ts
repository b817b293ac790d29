import { AppError, fail, type ErrorInfo } from '../contract/errors.ts';
import { loadGatewayConfig } from '../config/gateway-config.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import {
  startExposedGateway,
  type ExposedGateway,
  type ExposedGatewayDeps,
} from '../exposed-gateway/exposed-gateway.ts';
import { outliveRejections } from '../platform/outlive-rejections.ts';
import { keepHeapSmall } from '../platform/small-heap.ts';
import { explainPort } from '../supervisor/explain-port.ts';
import { resolveRunOptions, type RunOptionSources } from '../supervisor/run-options.ts';
import { ExposureTeller } from './exposure-teller.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { errorLine, errorText, EXIT, type ExitCode, type Terminal } from './terminal.ts';
import { untilSignal } from './until-signal.ts';

export interface GatewayCommandOptions {
  readonly overrides: RunOptionSources['overrides'];
  /** Another configuration file than that of the home folder. */
  readonly config: string | undefined;
  readonly json: boolean;
}

/** `gangway gateway`: runs a gateway in this very process until it is told to stop. */
export async function gatewayCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: GatewayCommandOptions,
): Promise<ExitCode> {
  keepHeapSmall();
  outliveRejections(around.log);
  // Heard from the beginning: whoever stops it while it starts gets a clean end too.
  const signalled = untilSignal();
  const { paths, files, secrets, env, version, controlUiRoot } = around;
  const configFile = options.config ?? paths.gatewayConfig;
  const loaded = await loadGatewayConfig(configFile, files);
  if (options.config !== undefined && !loaded.exists) {
    throw fail('config/unreadable', { file: options.config, line: 1, problem: 'the file does not exist' });
  }
  // For one that is fatal nothing is started, and that is told below.
  for (const problem of loaded.fatal ? [] : loaded.problems) terminal.err(errorText(problem));
  const { overrides } = options;
  const home = paths.root;
  const run = await resolveRunOptions({ loaded, secrets, env, home, configFile, version, controlUiRoot, overrides });
  const teller = new ExposureTeller(terminal, options.json);
  let told: 'nothing' | 'waiting' | 'listening' = 'nothing';
  const gateway = await start(around, run, {
    onExposure: (view) => teller.changed(view),
    onMoved: (url, cause) => {
      if (told === 'listening') teller.moved(url, cause);
      else if (told === 'waiting') told = announce(terminal, gateway, { ...options, cause });
    },
  });
  told = announce(terminal, gateway, options);
  gateway.begin();
  const signal = await signalled;
  around.log.info('stopping', { signal });
  await gateway.stop('gateway stopping');
  return EXIT.done;
}

async function start(
  around: NodeSurroundings,
  run: GatewayRunOptions,
  told: Pick<ExposedGatewayDeps, 'onMoved' | 'onExposure'>,
): Promise<ExposedGateway> {
  const { machine, redactor } = around;
  try {
    return await startExposedGateway(run, {
      ...around,
      ...machine,
      hide: (secret) => redactor.add(secret),
      onAccess: () => {},
      ...told,
    });
  } catch (error) {
    throw await explained(around, error);
  }
}

/** A taken port is said with who holds it; a second gateway in a terminal has nothing to attach to. */
async function explained(around: NodeSurroundings, error: unknown): Promise<unknown> {
  if (!(error instanceof AppError) || error.info.code !== 'gateway/port-taken') return error;
  const info = await explainPort(
    error.info.params.port,
    { attachable: false },
    {
      ...around,
      platform: around.machine.platform,
    },
  );
  return new AppError(info, { cause: error });
}

const NO_ADDRESS: ErrorInfo = { code: 'gateway/no-tailnet-address', params: {} };

/** Returns what was said; one that waits for an address is announced once more when it has one. */
function announce(
  terminal: Terminal,
  { url, port, fingerprint }: ExposedGateway,
  { json, cause = NO_ADDRESS }: { readonly json: boolean; readonly cause?: ErrorInfo | undefined },
): 'waiting' | 'listening' {
  if (url === undefined) {
    if (json) terminal.out(`${JSON.stringify({ status: 'waiting', pid: process.pid, cause: errorLine(cause) })}\n`);
    else terminal.err(errorText(cause));
    return 'waiting';
  }
  if (json) {
    terminal.out(`${JSON.stringify({ status: 'listening', url, port, pid: process.pid, fingerprint })}\n`);
    return 'listening';
  }
  terminal.out(`listening on ${url}\n`);
  if (fingerprint !== undefined) terminal.out(`its certificate: SHA-256 ${fingerprint}\n`);
  return 'listening';
}
