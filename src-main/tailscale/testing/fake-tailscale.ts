import { EventEmitter } from 'node:events';

import type { Companion, CompanionEnd, CompanionStarter, ProgramRunner, RunResult } from '../../platform/ports.ts';
import { systemError } from '../../platform/system-error.ts';

/** What a program says and how it ends, in the place of what it would. */
export interface Fault {
  /** The first words it is for: `status`, `serve status`, `serve`, `funnel`. */
  readonly on: string;
  /** How often; once unless told otherwise. */
  readonly times?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** Never answers. */
  readonly hangs?: boolean;
  /** Takes the route before it ends or says anything else. */
  readonly claims?: boolean;
}

interface Part {
  readonly TCP: Readonly<Record<string, object>>;
  readonly Web: Readonly<Record<string, object>>;
  readonly AllowFunnel?: Readonly<Record<string, boolean>>;
}

const READY = 'Press Ctrl+C to exit.';

/**
 * Tailscale with its daemon, as its program shows it; every word and exit code as contract.spec.ts has seen them of
 * version 1.102.3. Claims live with their companions, as the real ones with their connection.
 */
export class FakeTailscale implements ProgramRunner, CompanionStarter {
  backendState = 'Running';
  version = '1.102.3';
  dnsName = 'laptop.tail1f3a.ts.net';
  tags: readonly string[] | null = null;
  capabilities = ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443,8443,10000'];
  hasMagicDns = true;
  /** Routes in the background, of others. */
  background: Partial<Part> = {};
  /** The daemon answers. */
  isUp = true;
  readonly calls: string[] = [];
  readonly whoisAnswers = new Map<string, object>();
  readonly #sessions = new Map<FakeCompanion, Part>();
  #faults: { fault: Fault; left: number }[] = [];
  #lastPid = 100;

  fail(...faults: readonly Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  heal(): void {
    this.#faults = [];
  }

  get claims(): readonly Part[] {
    return [...this.#sessions.values()];
  }

  get companions(): readonly FakeCompanion[] {
    return [...this.#sessions.keys()];
  }

  /** Somebody resets everything: claims end silently and well. */
  reset(): void {
    this.background = {};
    for (const companion of this.companions) companion.exit(0);
  }

  /** The daemon is killed: claims fail, and do not come back. */
  crash(): void {
    this.isUp = false;
    for (const companion of this.companions) {
      companion.say('err', 'unexpected EOF');
      companion.exit(1);
    }
  }

  run(_file: string, args: readonly string[], { timeoutMs }: { readonly timeoutMs: number }): Promise<RunResult> {
    const words = args.filter((word) => !word.startsWith('--socket=')).join(' ');
    this.calls.push(words);
    const fault = this.#faultOf(words);
    if (fault?.hangs === true) return Promise.reject(systemError('ETIMEDOUT', `${timeoutMs} ms`));
    if (fault !== undefined) {
      const { stdout = '', stderr = '', exitCode = 0 } = fault;
      return Promise.resolve({ stdout, stderr, exitCode });
    }
    if (!this.isUp) {
      const stderr = 'failed to connect to local tailscaled; it doesn’t appear to be running\n';
      return Promise.resolve({ stdout: '', stderr, exitCode: 1 });
    }
    return Promise.resolve(this.#answer(words));
  }

  async start(_file: string, prepare: (folder: string) => Promise<readonly string[]>): Promise<Companion> {
    const words = (await prepare('/nowhere')).filter((word) => !word.startsWith('--socket='));
    this.calls.push(words.join(' '));
    this.#lastPid += 1;
    const companion: FakeCompanion = new FakeCompanion(this.#lastPid, () => this.#sessions.delete(companion));
    setImmediate(() => this.#claim(companion, words));
    return companion;
  }

  #claim(companion: FakeCompanion, words: readonly string[]): void {
    const [mode = '', , , portWord = '', target = ''] = words;
    const port = portWord.replace('--https=', '');
    const claim = (): void => void this.#sessions.set(companion, this.#part({ mode, port, target }));
    const fault = this.#faultOf(words.join(' '));
    if (fault !== undefined) return failAs(companion, fault, claim);
    const refusal = this.#refusal(port);
    if (refusal !== undefined) return failAs(companion, { on: mode, stderr: refusal, exitCode: 1 }, claim);
    claim();
    for (const line of [`Available ${mode === 'serve' ? 'within your tailnet' : 'on the internet'}:`, '', READY]) {
      companion.say('out', line);
    }
  }

  #refusal(port: string): string | undefined {
    if (!this.isUp) return 'error getting serve config: Failed to connect to local Tailscale daemon; not running?';
    const isTaken = [this.background, ...this.claims].some(({ TCP }) => TCP?.[port] !== undefined);
    return isTaken ? `sending serve config: updating config: listener already exists for port ${port}` : undefined;
  }

  #part({ mode, port, target }: { readonly mode: string; readonly port: string; readonly target: string }): Part {
    const host = `${this.dnsName}:${port}`;
    return {
      TCP: { [port]: { HTTPS: true } },
      Web: { [host]: { Handlers: { '/': { Proxy: target } } } },
      ...(mode === 'funnel' && { AllowFunnel: { [host]: true } }),
    };
  }

  #faultOf(words: string): Fault | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && isFor(fault.on, words));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }

  #answer(words: string): RunResult {
    if (words.startsWith('status')) return said(this.#status());
    if (words.startsWith('serve status')) {
      const sessions = this.claims.map((part, index) => [`${index}`.padStart(16, '0'), part]);
      const Foreground = sessions.length === 0 ? {} : { Foreground: Object.fromEntries(sessions) as object };
      return said({ ...this.background, ...Foreground });
    }
    const address = words.replace('whois --json ', '');
    const known = this.whoisAnswers.get(address);
    return known === undefined ? { stdout: '', stderr: 'peer not found\n', exitCode: 1 } : said(known);
  }

  #status(): object {
    return {
      BackendState: this.backendState,
      Version: `${this.version}-t53a0d659a`,
      AuthURL: this.backendState === 'NeedsLogin' ? 'https://login.tailscale.com/a/1' : '',
      Self: {
        DNSName: this.dnsName === '' ? '' : `${this.dnsName}.`,
        UserID: 111,
        TailscaleIPs: ['100.64.0.5', 'fd7a:115c:a1e0::5'],
        Tags: this.tags,
        CapMap: Object.fromEntries(this.capabilities.map((key) => [key, null])),
      },
      CurrentTailnet: this.dnsName === '' ? null : { Name: 'example.com', MagicDNSEnabled: this.hasMagicDns },
      User: { 111: { LoginName: 'ann@example.com' } },
    };
  }
}

function failAs(companion: FakeCompanion, fault: Fault, claim: () => void): void {
  if (fault.claims === true) claim();
  for (const line of linesOf(fault.stdout)) companion.say('out', line);
  for (const line of linesOf(fault.stderr)) companion.say('err', line);
  if (fault.hangs !== true) companion.exit(fault.exitCode ?? 0);
}

const linesOf = (text = ''): readonly string[] => text.split('\n').filter((line) => line !== '');

/** `serve` is the claim alone, and not `serve status`. */
function isFor(on: string, words: string): boolean {
  if (on === 'serve' || on === 'funnel') return words.startsWith(`${on} --`);
  return words.startsWith(on);
}

function said(value: object): RunResult {
  return { stdout: JSON.stringify(value), stderr: '', exitCode: 0 };
}

export class FakeCompanion implements Companion {
  readonly pid: number;
  readonly folder = '/nowhere';
  readonly ended: Promise<CompanionEnd>;
  readonly #events = new EventEmitter();
  readonly #end = Promise.withResolvers<CompanionEnd>();
  readonly #onExit: () => void;

  constructor(pid: number, onExit: () => void) {
    this.pid = pid;
    this.#onExit = onExit;
    this.ended = this.#end.promise;
  }

  onErrorLine(listener: (line: string) => void): void {
    this.#events.on('err', listener);
  }

  onOutLine(listener: (line: string) => void): void {
    this.#events.on('out', listener);
  }

  say(where: 'out' | 'err', line: string): void {
    this.#events.emit(where, line);
  }

  exit(exitCode: number | undefined): void {
    this.#onExit();
    this.#end.resolve({ exitCode, error: undefined });
  }

  end(): void {
    setImmediate(() => this.exit(undefined));
  }
}
