import { describeError, fail, type ErrorInfo } from '../contract/errors.ts';
import type { ExposurePlan, ExposureRequest } from '../contract/exposure.ts';
import { LOCAL_GATEWAY, type GatewayView } from '../contract/snapshot.ts';
import { ControlClient } from '../control/control-client.ts';
import { readSecret } from './health-command.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { changeText, checkText, exposureText, planLine } from './tailscale-text.ts';
import { errorLine, EXIT, exitCodeOf, type ExitCode, type Terminal } from './terminal.ts';

export interface TailscaleCommandOptions {
  /** Absent: only says how things are. */
  readonly request: ExposureRequest | undefined;
  /** Says what would be needed and changed, and changes nothing. */
  readonly planOnly: boolean;
  /** A file with the password that the gateway is to ask for; `-` is standard input. */
  readonly passwordFile: string | undefined;
  readonly json: boolean;
}

/** `gangway tailscale`: opens and closes the gateway of the running app for others, and says who can reach it. */
export async function tailscaleCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  options: TailscaleCommandOptions,
): Promise<ExitCode> {
  const client = await ControlClient.connect(around.paths.controlSocket);
  try {
    return await new TailscaleCommand(terminal, client, options).run();
  } finally {
    client.close();
  }
}

class TailscaleCommand {
  readonly #terminal: Terminal;
  readonly #client: ControlClient;
  readonly #options: TailscaleCommandOptions;

  constructor(terminal: Terminal, client: ControlClient, options: TailscaleCommandOptions) {
    this.#terminal = terminal;
    this.#client = client;
    this.#options = options;
  }

  async run(): Promise<ExitCode> {
    const { request } = this.#options;
    if (request === undefined) return this.#status('status');
    // Closing needs nothing to be so, and must not wait for a look at what is.
    return request.mode === 'off' && !this.#options.planOnly ? this.#apply(request) : this.#open(request);
  }

  async #open(request: ExposureRequest): Promise<ExitCode> {
    const { planOnly, passwordFile } = this.#options;
    // Read before anything else: a file that is not there must not be found out half way.
    const password = passwordFile === undefined ? undefined : await readSecret(this.#terminal, passwordFile);
    const plan = await this.#client.call('exposure.plan', request);
    const faults = plan.checks.flatMap(({ fault }) => fault ?? []);
    const isMended = (fault: ErrorInfo): boolean =>
      password !== undefined && !planOnly && fault.code === 'tailscale/needs-password';
    const first = faults.find((fault) => !isMended(fault));
    if (first !== undefined || planOnly) return this.#show(plan, first);
    if (!this.#options.json) this.#terminal.err(planText(plan));
    if (password === undefined) return this.#apply(request);
    return this.#applyWithPassword(request, password);
  }

  async #apply(request: ExposureRequest): Promise<ExitCode> {
    await this.#client.call('exposure.apply', request);
    return this.#status(request.mode === 'off' ? 'closed' : 'open');
  }

  /** A password that was set for a route that did not come about is taken back. */
  async #applyWithPassword(request: ExposureRequest, password: string): Promise<ExitCode> {
    await this.#client.call('exposure.set-password', { how: 'typed', password });
    try {
      return await this.#apply(request);
    } catch (error) {
      await this.#client.call('exposure.undo', undefined);
      throw error;
    }
  }

  async #status(status: 'status' | 'open' | 'closed'): Promise<ExitCode> {
    const gateway = await this.#gateway();
    const { exposure, reach } = gateway;
    if (exposure === undefined) throw fail('tailscale/no-gateway', { attached: gateway.state.status === 'attached' });
    const cause = 'cause' in exposure.state ? exposure.state.cause : undefined;
    if (this.#options.json) {
      const shown = { ...exposure, ...(cause && { state: { ...exposure.state, cause: errorLine(cause) } }) };
      this.#terminal.out(`${JSON.stringify({ status, reach, exposure: shown })}\n`);
    } else this.#terminal.out(exposureText(reach, exposure));
    return cause === undefined ? EXIT.done : exitCodeOf(cause);
  }

  async #gateway(): Promise<GatewayView> {
    const { gateways } = await this.#client.call('snapshot.get', undefined);
    const local = gateways.find(({ id }) => id === LOCAL_GATEWAY);
    if (local === undefined) throw fail('tailscale/no-gateway', { attached: false });
    return local;
  }

  #show(plan: ExposurePlan, fault: ErrorInfo | undefined): ExitCode {
    if (this.#options.json) {
      const status = fault === undefined ? 'planned' : 'refused';
      this.#terminal.out(`${JSON.stringify({ status, plan: planLine(plan) })}\n`);
    } else this.#terminal.out(planText(plan));
    if (fault === undefined) return EXIT.done;
    if (!this.#options.json) this.#terminal.err(`gangway: ${describeError(fault).title}. Nothing was changed.\n`);
    return exitCodeOf(fault);
  }
}

function planText({ checks, changes, wish }: ExposurePlan): string {
  return [...checks.map((check) => checkText(check, wish)), ...changes.map(changeText)]
    .map((line) => `${line}\n`)
    .join('');
}
