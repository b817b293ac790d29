import type { HostKeyTrust, NewGateway, Pickup, PickupPlan } from '../contract/calls.ts';
import { describeError, fail } from '../contract/errors.ts';
import {
  gatewayInUse,
  LOCAL_GATEWAY,
  modeOf,
  type GatewayId,
  type GatewayView,
  type Snapshot,
  type TimelineEvent,
} from '../contract/snapshot.ts';
import { toTlsFingerprint } from '../contract/tls-fingerprint.ts';
import type { Forward, SshEngine } from '../contract/tunnel.ts';
import { askedFor } from '../contract/question.ts';
import { ControlClient } from '../control/control-client.ts';
import { isLoopbackHost } from '../gateway-client/plaintext.ts';
import { askingGateway, giveAnswer, type AnswerOptions } from './answer-command.ts';
import { statusSentence } from './app-command.ts';
import { forwardText } from './forward-words.ts';
import { readSecret } from './health-command.ts';
import { answerCommand } from './question-text.ts';
import { repairCommand } from './repair-command.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { untilSignal } from './until-signal.ts';
import { errorLine, EXIT, exitCodeOf, type ExitCode, type Terminal } from './terminal.ts';

export type ForwardChange = { readonly add: Forward } | { readonly remove: number };

export interface RemoteOptions {
  readonly json: boolean;
}

/** The commands that drive the running app over its control socket. */
export class RemoteCommands {
  readonly #terminal: Terminal;
  readonly #around: NodeSurroundings;
  readonly #json: boolean;

  constructor(terminal: Terminal, around: NodeSurroundings, { json }: RemoteOptions) {
    this.#terminal = terminal;
    this.#around = around;
    this.#json = json;
  }

  /** Exits 0 when the gateway in use is well or the app is switched off on purpose, else as its fault says. */
  status(): Promise<ExitCode> {
    return this.#with(async (client) => {
      const snapshot = await client.call('snapshot.get', undefined);
      this.#print(snapshot);
      return exitCodeOfSnapshot(snapshot);
    });
  }

  /** Switches to a gateway by name and waits until it is up or has failed. */
  use(name: string, waitMs: number): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      await client.call('gateway.use', { id });
      const snapshot = await settled(client, waitMs);
      this.#print(snapshot);
      return exitCodeOfSnapshot(snapshot);
    });
  }

  off(): Promise<ExitCode> {
    return this.#with(async (client) => {
      await client.call('gateway.off', undefined);
      this.#print(await client.call('snapshot.get', undefined));
      return EXIT.done;
    });
  }

  list(): Promise<ExitCode> {
    return this.#with(async (client) => this.#showList(await client.call('snapshot.get', undefined)));
  }

  #showList({ gateways, use }: Snapshot): ExitCode {
    if (this.#json) this.#terminal.out(`${JSON.stringify(gateways.map(summary))}\n`);
    else for (const each of gateways) this.#terminal.out(`${each.id === use ? '*' : ' '} ${row(each)}\n`);
    return EXIT.done;
  }

  add(gateway: NewGateway, tokenFile: string | undefined): Promise<ExitCode> {
    return this.#with(async (client) => {
      const token = tokenFile === undefined ? undefined : await readSecret(this.#terminal, tokenFile);
      const { id } = await client.call('gateway.add', gateway);
      if (token !== undefined) await client.call('gateway.set-token', { id, token });
      this.#terminal.out(this.#json ? `${JSON.stringify({ id, name: gateway.name })}\n` : `Added ${gateway.name}\n`);
      return EXIT.done;
    });
  }

  remove(name: string): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      await client.call('gateway.remove', { id });
      this.#terminal.out(this.#json ? `${JSON.stringify({ removed: name })}\n` : `Removed ${name}\n`);
      return EXIT.done;
    });
  }

  /** Keeps a gateway connected beside the one in use, or no longer. */
  keep(name: string, keep: boolean): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      await client.call('gateway.keep', { id, keep });
      return this.#showList(await client.call('snapshot.get', undefined));
    });
  }

  /** Tries the gateway in use, or a named one, at once. */
  retry(name: string | undefined, waitMs: number): Promise<ExitCode> {
    return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.retry', { id }));
  }

  move(name: string, port: number, waitMs: number): Promise<ExitCode> {
    return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.move', { id, port }));
  }

  attach(waitMs: number): Promise<ExitCode> {
    return this.#mend('local', waitMs, (client, { id }) => client.call('gateway.attach', { id }));
  }

  /** Trusts what was shown: its fingerprint is given, so that nobody trusts what they have not seen. */
  trust(name: string, decision: { fingerprint: string; how: HostKeyTrust }, waitMs: number): Promise<ExitCode> {
    const fingerprint = toTlsFingerprint(decision.fingerprint);
    if (fingerprint !== undefined) {
      return this.#mend(name, waitMs, (client, { id }) =>
        client.call('gateway.trust-certificate', { id, fingerprint }),
      );
    }
    return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.trust-host-key', { id, ...decision }));
  }

  /** Trusts the network of a gateway as a whole, or no longer; then a line in the clear ends. */
  trustNetwork(name: string, trusted: boolean, waitMs: number): Promise<ExitCode> {
    if (trusted)
      return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.trust-network', { id, trusted }));
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      await client.call('gateway.trust-network', { id, trusted });
      return this.#showList(await client.call('snapshot.get', undefined));
    });
  }

  identity(name: string, file: string, waitMs: number): Promise<ExitCode> {
    return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.set-identity', { id, file }));
  }

  engine(name: string, engine: SshEngine, waitMs: number): Promise<ExitCode> {
    return this.#mend(name, waitMs, (client, { id }) => client.call('gateway.set-engine', { id, engine }));
  }

  /** Adds a port to the SSH connection of a gateway, or takes one away. */
  async changeForward(name: string, change: ForwardChange): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      if ('add' in change) await client.call('gateway.add-forward', { id, forward: change.add });
      else await client.call('gateway.remove-forward', { id, localPort: change.remove });
      return this.#showForwards(await client.call('snapshot.get', undefined), name);
    });
  }

  forwards(name: string): Promise<ExitCode> {
    return this.#with(async (client) => this.#showForwards(await client.call('snapshot.get', undefined), name));
  }

  #showForwards(snapshot: Snapshot, name: string): ExitCode {
    const { forwards = [] } = findGateway(snapshot, name);
    if (this.#json) this.#terminal.out(`${JSON.stringify(forwards)}\n`);
    else for (const forward of forwards) this.#terminal.out(`${forwardText(forward)}\n`);
    return EXIT.done;
  }

  /** Answers what signing in asks for, as often as somebody types on. */
  answer(
    name: string | undefined,
    { remember, waitMs }: AnswerOptions & { readonly waitMs: number },
  ): Promise<ExitCode> {
    const terminal = this.#terminal;
    return this.#with(async (client) => {
      for (;;) {
        const before = await client.call('snapshot.get', undefined);
        const asking = askingGateway(before, name === undefined ? undefined : findGateway(before, name));
        if ((await giveAnswer(client, asking, { terminal, remember })) === 'given-up') return EXIT.refused;
        const { after, gateway } = await settledLine(client, asking.id, waitMs);
        if (gateway?.state.status === 'asks' && terminal.inIsTerminal) continue;
        this.#print({ ...after, use: asking.id });
        return exitCodeOfSnapshot({ ...after, use: asking.id });
      }
    });
  }

  /** Forgets the passphrases and passwords of a gateway. */
  forget(name: string): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id } = findGateway(await client.call('snapshot.get', undefined), name);
      await client.call('gateway.forget-sign-in', { id });
      this.#terminal.out(
        this.#json ? `${JSON.stringify({ forgotten: name })}\n` : `Forgotten: how to sign in to ${name}\n`,
      );
      return EXIT.done;
    });
  }

  token(name: string, file: string, waitMs: number): Promise<ExitCode> {
    return this.#mend(name, waitMs, async (client, { id }) => {
      const token = await readSecret(this.#terminal, file);
      if (token !== undefined) await client.call('gateway.set-token', { id, token });
    });
  }

  /** Fetches the token of a gateway over SSH, or approves this device there, after the person has read what is run. */
  pickup(name: string, { yes }: { readonly yes: boolean }, waitMs: number): Promise<ExitCode> {
    return this.#with(async (client) => {
      const { id, state } = findGateway(await client.call('snapshot.get', undefined), name);
      const isUnapproved = 'cause' in state && state.cause.code === 'gateway/pairing-required';
      const what: Pickup = isUnapproved ? 'approval' : 'token';
      const plan = await client.call('pickup.plan', { id, what });
      this.#terminal.err(planText(plan, what));
      const agreed = yes || (await this.#terminal.confirm('Run this? [y/N] '));
      if (agreed === undefined) this.#terminal.err('gangway: nobody is there to ask. Read the above, then add --yes\n');
      if (agreed !== true) return EXIT.usage;
      await client.call('pickup.run', { id, what });
      const snapshot = await settled(client, waitMs);
      this.#print(snapshot);
      return exitCodeOfSnapshot(snapshot);
    });
  }

  /** Prints what happened, oldest first, and with `follow` what happens until the app ends or a signal comes. */
  events(follow: boolean): Promise<ExitCode> {
    return this.#with(async (client) => {
      let lastId = 0;
      const show = ({ events, gateways }: Snapshot): void => {
        for (const event of events.filter(({ id }) => id > lastId).toReversed()) {
          const gateway = gateways.find(({ id }) => id === event.gateway)?.name;
          this.#terminal.out(this.#json ? `${JSON.stringify({ ...event, name: gateway })}\n` : eventText(event));
        }
        lastId = events[0]?.id ?? lastId;
      };
      if (follow) client.listen('snapshot.changed', show);
      show(await client.call('snapshot.get', undefined));
      if (follow) await Promise.race([client.closed, untilSignal()]);
      return EXIT.done;
    });
  }

  /** Prints the exports. Their place is a pipe: on a screen the secret would be left standing. */
  env(show: boolean): Promise<ExitCode> {
    if (this.#terminal.outIsTerminal && !show) {
      this.#terminal.err('gangway: the token is not shown on a screen. Use: eval "$(gangway env)", or add --show\n');
      return Promise.resolve(EXIT.usage);
    }
    return this.#with(async (client) => {
      const { url, token } = await client.call('gateway.env', undefined);
      const env = gatewayEnv(url, token);
      const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
      this.#terminal.out(this.#json ? `${JSON.stringify(env)}\n` : exports.join(''));
      return EXIT.done;
    });
  }

  /** Makes one repair and shows what came of it, once the line has settled. */
  #mend(
    name: string | undefined,
    waitMs: number,
    repair: (client: ControlClient, gateway: GatewayView) => Promise<void>,
  ): Promise<ExitCode> {
    return this.#with(async (client) => {
      const before = await client.call('snapshot.get', undefined);
      await repair(client, name === undefined ? inUse(before) : findGateway(before, name));
      const snapshot = await settled(client, waitMs);
      this.#print(snapshot);
      return exitCodeOfSnapshot(snapshot);
    });
  }

  async #with(run: (client: ControlClient) => Promise<ExitCode>): Promise<ExitCode> {
    const client = await ControlClient.connect(this.#around.paths.controlSocket);
    try {
      return await run(client);
    } finally {
      client.close();
    }
  }

  #print(snapshot: Snapshot): void {
    if (!this.#json) return this.#terminal.out(`${statusSentence(snapshot)}\n`);
    const { app, gateways, problems, use } = snapshot;
    const answer = {
      mode: modeOf(snapshot),
      use,
      app,
      gateways: gateways.map(summary),
      problems: problems.map(errorLine),
    };
    this.#terminal.out(`${JSON.stringify(answer)}\n`);
  }
}

function planText({ user, host, commands, deviceId }: PickupPlan, what: Pickup): string {
  const purpose = what === 'token' ? 'read the token of the gateway' : 'approve this device';
  const device = deviceId === undefined ? '' : ` (${deviceId})`;
  const words = commands.map((command) => `  ${command}\n`).join('');
  const link =
    what === 'token'
      ? 'openclaw also makes a sign-in link for one use, which nobody gets and ends in ten minutes.\n'
      : '';
  return `To ${purpose}${device}, Gangway runs on ${host} as ${user}, as far as needed:\n${words}${link}`;
}

function inUse(snapshot: Snapshot): GatewayView {
  const gateway = gatewayInUse(snapshot);
  if (gateway === undefined) throw fail('gateway/none-in-use', {});
  return gateway;
}

function findGateway({ gateways }: Snapshot, name: string): GatewayView {
  const wanted = name.toLowerCase();
  const found = gateways.find((each) => each.id === wanted || each.name.toLowerCase() === wanted);
  if (found === undefined) throw fail('gateway/unknown', { name });
  return found;
}

/** Resolves with the first snapshot in which the line in use no longer connects, or the last one in time. */
async function settled(client: ControlClient, waitMs: number): Promise<Snapshot> {
  const { use } = await client.call('snapshot.get', undefined);
  return (await settledLine(client, use, waitMs)).after;
}

async function settledLine(client: ControlClient, id: GatewayId | undefined, waitMs: number) {
  const find = ({ gateways }: Snapshot) => gateways.find((each) => each.id === id);
  const isSettled = (snapshot: Snapshot): boolean => find(snapshot)?.state.status !== 'connecting';
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  const unsubscribe = client.listen('snapshot.changed', (snapshot) => isSettled(snapshot) && resolve());
  if (!isSettled(await client.call('snapshot.get', undefined))) await promise;
  clearTimeout(timer);
  unsubscribe();
  const after = await client.call('snapshot.get', undefined);
  return { after, gateway: find(after) };
}

function exitCodeOfSnapshot({ gateways, use }: Snapshot): ExitCode {
  const state = gateways.find(({ id }) => id === use)?.state;
  if (state === undefined || state.status === 'connected' || state.status === 'attached') return EXIT.done;
  if (state.status === 'asks') return EXIT.refused;
  return state.status === 'waiting' || state.status === 'failed' ? exitCodeOf(state.cause) : EXIT.notWell;
}

function summary({ state, samples: _samples, ...view }: GatewayView): Record<string, unknown> {
  if (state.status === 'asks') return { ...view, state: { ...state, fix: answerCommand(view.name) } };
  if (!('cause' in state)) return { ...view, state };
  const fix = repairCommand(state.cause, view.id === LOCAL_GATEWAY ? 'local' : view.name, view.kind);
  return { ...view, state: { ...state, cause: { ...errorLine(state.cause), fix } } };
}

function row({ id, name, target, state, url }: GatewayView): string {
  const where = id === LOCAL_GATEWAY ? (url ?? '') : (target ?? '');
  const why = 'cause' in state ? `: ${describeError(state.cause).title}` : asksText(state);
  return `${name}\t${where}\t${state.status}${why}`;
}

function asksText(state: GatewayView['state']): string {
  return state.status === 'asks' ? ` for ${askedFor(state.question)}` : '';
}

function eventText({ atMs, text, why }: TimelineEvent): string {
  return `${new Date(atMs).toISOString()}  ${text}${why === undefined ? '' : `. ${why}`}\n`;
}

/** What OpenClaw programs read. Most look at the address; `gateway probe` looks at the port of loopback alone. */
function gatewayEnv(url: string, token: string | undefined): Readonly<Record<string, string>> {
  const { hostname, port } = new URL(url);
  return {
    OPENCLAW_GATEWAY_URL: url,
    ...(token !== undefined && { OPENCLAW_GATEWAY_TOKEN: token }),
    ...(isLoopbackHost(hostname) && { OPENCLAW_GATEWAY_PORT: port }),
  };
}

/** For POSIX shells: inside single quotes nothing is special. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
