import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';

import { startCli, type RunningCli } from '../../support/cli.ts';
import { descendants, isAlive, listeningPorts } from '../../support/processes.ts';
import { waitFor } from '../../support/wait-for.ts';
import { DaemonClient } from '../fake/program/daemon-client.ts';
import { without } from '../fake/without.ts';
import { tailscaleEnv, urlOf } from './fixtures.ts';
import type { Call, Evidence, Mode, OpenProof } from './invariants.ts';
import type { Computer, Tailnet } from './tailnet.ts';
import { asControlUi, Visitor } from './visitor.ts';

/** The time a route may outlast whoever held it. */
const RELEASE_LIMIT_MS = 5_000;
const ATTEMPTS = 10;
const PASSWORD = 'correct-horse-battery-staple';

interface ServeConfig {
  readonly Foreground?: Readonly<Record<string, Part>>;
}
interface Part {
  readonly Web?: Readonly<Record<string, { readonly Handlers: Readonly<Record<string, { readonly Proxy?: string }>> }>>;
  readonly AllowFunnel?: Readonly<Record<string, boolean>>;
}

interface Net {
  readonly tailnet: Tailnet;
  readonly gw: Computer;
  readonly phone: Computer;
  readonly robot: Computer;
}

/** Routes of other programs, of every kind there is. None of them may be touched. */
const FOREIGN = {
  TCP: { 8443: { HTTPS: true }, 5432: { TCPForward: '127.0.0.1:5432' } },
  Web: {
    'gw.tail-test.ts.net:8443': {
      Handlers: {
        '/': { Proxy: 'http://127.0.0.1:7' },
        '/socket': { Proxy: 'unix:/run/other.sock' },
        '/caps': { Proxy: 'http://127.0.0.1:8', AcceptAppCaps: ['example.com/cap/other'] },
      },
    },
  },
  Services: { 'svc:other': { TCP: { 443: { HTTPS: true } }, Web: {} } },
  Foreground: {},
} as const;

/** Starts a gateway of ours that asks for a password, and sees all that can be seen of it from the outside. */
export class Witness implements AsyncDisposable {
  readonly gateway: RunningCli;
  readonly #net: Net;
  readonly #mode: Mode;
  readonly #sudo: string;
  readonly #foreign: unknown;
  readonly #opened: OpenProof[] = [];
  readonly #health: number[] = [];
  readonly #children = new Set<number>();
  #listeners: Evidence['listeners'] = [];
  #mainPort = 0;
  openedTooEarly = false;

  private constructor(net: Net, mode: Mode, home: string, foreign: unknown) {
    this.#net = net;
    this.#mode = mode;
    this.#foreign = foreign;
    this.#sudo = join(home, 'bin', 'sudo-was-run');
    mkdirSync(dirname(this.#sudo), { recursive: true });
    const sudo = join(dirname(this.#sudo), 'sudo');
    writeFileSync(sudo, `#!/bin/sh\necho run > '${this.#sudo}'\nexit 1\n`);
    chmodSync(sudo, 0o755);
    const auth = { mode: 'password', password: PASSWORD };
    const rateLimit = { maxAttempts: ATTEMPTS };
    writeFileSync(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth: { ...auth, rateLimit } } }), {
      mode: 0o600,
    });
    const env = { ...tailscaleEnv(net.gw), PATH: `${dirname(sudo)}:${process.env['PATH'] ?? ''}` };
    const words = mode === 'off' ? [] : ['--tailscale', mode];
    this.gateway = startCli(['gateway', '--port', '0', '--json', ...words], { home, env });
  }

  /** @param prepare what goes wrong from now on; the routes of others are there by then */
  static async start(net: Net, mode: Mode, home: string, prepare: () => void | Promise<void>): Promise<Witness> {
    const daemon = new DaemonClient(net.gw.socket);
    const { etag } = await daemon.ask('GET', 'serve-config');
    const { status } = await daemon.ask('POST', 'serve-config', FOREIGN, etag);
    if (status !== 200) throw new Error(`the routes of others were refused: ${status}`);
    const foreign = others(await net.gw.serveConfig());
    await prepare();
    return new Witness(net, mode, home, foreign);
  }

  /** A fault of Tailscale is nobody else's. */
  async look(): Promise<void> {
    const { gateway } = this;
    const { port } = await gateway.waitForJson((line) => typeof line['port'] === 'number');
    this.#mainPort = Number(port);
    this.#health.push((await fetch(`http://127.0.0.1:${this.#mainPort}/healthz`)).status);
    this.#listeners = [...this.#listeners, ...(await listeningPorts(gateway.pid))];
    for (const { pid } of await descendants(gateway.pid)) this.#children.add(pid);
  }

  /** What is true now that it has said that it is open. */
  async lookThrough(calls: readonly Call[]): Promise<void> {
    const { gw, phone, robot, tailnet } = this.#net;
    const found = ourRoute((await gw.serveConfig()) as ServeConfig, `${gw.dnsName}:443`);
    const { BackendState } = JSON.parse(await gw.tailscale('status', '--json', '--peers=false')) as {
      readonly BackendState: string;
    };
    const claim = calls.findLast(({ words }) => words.at(-1) === found?.target);
    const visitor = new Visitor(phone, tailnet.ca);
    const letIn = await visitor.open(urlOf(gw), asControlUi()).catch(() => ({ ok: false }));
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) await guess(visitor, gw);
    this.#opened.push({
      target: found?.target,
      isPublic: found?.isPublic === true,
      backend: BackendState,
      claimIsAlive: claim !== undefined && (await isAlive(claim.pid)),
      marked: found === undefined ? 0 : await wrongSide(found.target, this.#mode, this.#net),
      letInWithoutSecret: letIn.ok === true,
      locked: await guess(visitor, gw),
      other: await guess(new Visitor(robot, tailnet.ca), gw),
    });
    await this.look();
  }

  /** Ends it, and tells everything that was seen once the time is over in which a route may outlast it. */
  async finish(readCalls: () => readonly Call[], mended: () => void | Promise<void>): Promise<Evidence> {
    await this.look();
    const exitCode = await this.gateway.stop('SIGTERM');
    const endMs = Date.now() + RELEASE_LIMIT_MS;
    const calls = readCalls();
    await mended();
    const targets = new Set(calls.flatMap(({ words }) => words.filter((word) => word.startsWith('http:'))));
    const leftTargets = async () => targetsIn(await this.#net.gw.serveConfig()).filter((target) => targets.has(target));
    const leftChildren = async () => {
      const all = [...this.#children, ...calls.map(({ pid }) => pid)];
      const alive = await Promise.all(all.map(isAlive));
      return all.filter((_pid, index) => alive[index]);
    };
    const isAllGone = async () =>
      (await leftTargets()).length + (await leftChildren()).length === 0 ? true : undefined;
    await waitFor(isAllGone, { what: 'the end of everything', timeoutMs: Math.max(1, endMs - Date.now()) }).catch(
      () => undefined,
    );
    return {
      mode: this.#mode,
      auth: { mode: 'password', password: PASSWORD },
      allowed: [443, 8443],
      mainPort: this.#mainPort,
      listeners: this.#listeners,
      calls,
      foreign: { before: this.#foreign, after: others(await this.#net.gw.serveConfig()) },
      opened: this.#opened,
      openedTooEarly: this.openedTooEarly,
      left: { targets: await leftTargets(), children: await leftChildren() },
      health: this.#health,
      exitCode,
      usedSudo: existsSync(this.#sudo),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.stop('SIGTERM');
    await this.#net.gw.tailscale('serve', 'reset').catch(() => undefined);
  }
}

/** Runs of the program since a time, without those of the test itself. */
export function callsOf(at: Computer): readonly Call[] {
  const file = join(dirname(at.socket), 'calls.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { at: number; pid: number; ppid: number; argv?: string[]; exitCode?: number });
  const begun = lines.filter(({ argv, ppid }) => argv !== undefined && ppid !== process.pid);
  return begun.map(({ at: startedAtMs, pid, argv = [] }) => ({
    words: argv.filter((word) => !word.startsWith('--socket=')),
    pid,
    startedAtMs,
    endedAtMs: lines.find((line) => line.pid === pid && line.exitCode !== undefined)?.at,
  }));
}

async function guess(visitor: Visitor, gw: Computer): Promise<number> {
  return (await visitor.get(`${urlOf(gw)}/v1/models`, { authorization: 'Bearer wrong' })).status ?? 0;
}

/** As Tailscale itself would come, but marked as what this route is not for. */
function wrongSide(target: string, mode: Mode, { gw, phone }: Net): Promise<number> {
  const headers = {
    host: gw.dnsName,
    'x-forwarded-for': phone.address,
    'x-forwarded-host': gw.dnsName,
    'x-forwarded-proto': 'https',
    'tailscale-funnel-request': mode === 'serve' ? '?1' : '?0',
  };
  return new Promise((resolve, reject) => {
    const asked = request(`${target}/v1/models`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}

function ourRoute(
  { Foreground = {} }: ServeConfig,
  host: string,
): { readonly target: string; readonly isPublic: boolean } | undefined {
  for (const { Web, AllowFunnel } of Object.values(Foreground)) {
    const target = Web?.[host]?.Handlers['/']?.Proxy;
    if (target !== undefined) return { target, isPublic: AllowFunnel?.[host] === true };
  }
  return undefined;
}

function targetsIn(config: unknown): readonly string[] {
  return JSON.stringify(config).match(/http:\/\/[\d.]+:\d+/g) ?? [];
}

/** What is not of a session: no other program has one in these tests but the one that a fault makes. */
function others(config: unknown): unknown {
  return without(config as Record<string, unknown>, 'Foreground');
}
