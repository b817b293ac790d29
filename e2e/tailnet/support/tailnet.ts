import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { isDeepStrictEqual, promisify } from 'node:util';

import { freePort } from '../../support/free-port.ts';
import { waitFor } from '../../support/wait-for.ts';

const DOMAIN = 'tail-test.ts.net';
/** Nothing leaves this computer: no logs, no port mapping, no look for the servers of Tailscale. */
const ALONE = {
  TS_ASSUME_NETWORK_UP_FOR_TEST: '1',
  TS_PANIC_IF_HIT_MAIN_CONTROL: '1',
  TS_DISABLE_PORTMAPPER: '1',
  TS_DISABLE_UPNP: 'true',
  TS_DEBUG_PERMIT_HTTP_C2N: '1',
  // Any address but Let's Encrypt's makes a certificate of our own acceptable.
  TS_DEBUG_ACME_DIRECTORY_URL: 'http://127.0.0.1:9/dir',
};

/** Folder of the programs: the real ones from `npm run test:tailnet`, else those of the fake. */
export function programs(): string {
  return process.env['GANGWAY_TEST_TAILSCALE'] ?? FAKE;
}

const FAKE = join(import.meta.dirname, '..', 'fake', 'bin');

/** What a daemon says of its own computer. */
export interface OwnStatus {
  readonly UserID: number;
  readonly TailscaleIPs: readonly string[];
  readonly PeerAPIURL: readonly string[];
  readonly CapMap: Readonly<Record<string, unknown>>;
}

export interface Owner {
  readonly LoginName: string;
  readonly DisplayName: string;
  readonly ProfilePicURL: string;
}

/** One computer of the tailnet: a daemon of its own, without rights and without a network interface. */
export interface Computer {
  readonly name: string;
  /** `gw.tail-test.ts.net` */
  readonly dnsName: string;
  readonly address: string;
  readonly socket: string;
  /** Reaches the tailnet as this computer. */
  readonly socksPort: number;
  /** Runs `tailscale WORDS` and resolves with what it said; rejects when it fails. */
  tailscale(...words: string[]): Promise<string>;
  serveConfig(): Promise<unknown>;
  status(): Promise<OwnStatus>;
  /** Whom it belongs to. */
  user(): Promise<Owner>;
  /** `http://100.64.0.1:58436`, where other computers, and the relays of Funnel, ask for what is not an IP packet. */
  peerApi(): Promise<URL>;
  killDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
}

/** A tailnet on this computer alone, with the test control server of the Tailscale module. */
export class Tailnet implements AsyncDisposable {
  readonly #dir: string;
  readonly #control: ChildProcess;
  readonly #answers: Interface;
  /** Of the control server, for `--login-server`. */
  readonly url: string;
  readonly #daemons = new Set<ChildProcess>();

  private constructor(dir: string, control: ChildProcess, answers: Interface, url: string) {
    this.#dir = dir;
    this.#control = control;
    this.#answers = answers;
    this.url = url;
  }

  static async start(): Promise<Tailnet> {
    // Short: a socket has to fit into 104 bytes.
    const dir = mkdtempSync('/tmp/gw-tailnet-');
    const control = spawn(join(programs(), 'control'), ['-test.run', 'TestControl', '-test.timeout', '0'], {
      stdio: ['pipe', 'pipe', openSync(join(dir, 'control.log'), 'w')],
    });
    const answers = createInterface(control.stdout!);
    const [first] = (await once(answers, 'line', { signal: AbortSignal.timeout(20_000) })) as [string];
    makeAuthority(dir);
    return new Tailnet(dir, control, answers, first.replace('control ', ''));
  }

  /** The authority whose certificates the daemons show. */
  get ca(): string {
    return readFileSync(join(this.#dir, 'ca.pem'), 'utf8');
  }

  /** Replaces what the tailnet allows a computer, and waits until that knows. */
  async allow(computer: Computer, capabilities: readonly string[]): Promise<void> {
    const answer = once(this.#answers, 'line', { signal: AbortSignal.timeout(10_000) });
    this.#control.stdin?.write(`capabilities ${computer.name} ${capabilities.join(';')}\n`);
    const [said] = (await answer) as [string];
    if (said !== 'done') throw new Error(said);
    const isKnown = async (): Promise<true | undefined> => {
      // Others come with every map of the tailnet.
      const known = Object.keys((await computer.status()).CapMap).filter(
        (key) => key === 'https' || key.includes('funnel'),
      );
      return isDeepStrictEqual(known.toSorted(), [...capabilities].toSorted()) || undefined;
    };
    await waitFor(isKnown, { what: `the new capabilities of ${computer.name}` });
  }

  async join(name: string, ...words: string[]): Promise<Computer> {
    const dir = join(this.#dir, name);
    mkdirSync(join(dir, 'certs'), { recursive: true });
    const dnsName = `${name}.${DOMAIN}`;
    makeLeaf(this.#dir, dnsName, join(dir, 'certs'));
    const socket = join(dir, 'ts.sock');
    const socksPort = await freePort();
    const tailscale = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(join(programs(), 'tailscale'), [`--socket=${socket}`, ...args], { timeout: 30_000 }))
        .stdout;
    let daemon: ChildProcess | undefined;
    const startDaemon = async (): Promise<void> => {
      daemon = this.#startDaemon(dir, socket, socksPort);
      await waitFor(() => tailscale('status', '--json', '--peers=false').catch(() => undefined), {
        what: `the daemon of ${name}`,
      });
    };
    await startDaemon();
    await tailscale('up', `--login-server=${this.url}`, `--hostname=${name}`, '--reset', ...words);
    const whole = async () =>
      JSON.parse(await tailscale('status', '--json', '--peers=false')) as {
        readonly Self: OwnStatus;
        readonly User: Readonly<Record<string, Owner>>;
      };
    const status = async (): Promise<OwnStatus> => (await whole()).Self;
    const user = async (): Promise<Owner> => {
      const { Self, User } = await whole();
      const owner = User[Self.UserID];
      if (owner === undefined) throw new Error(`${name} belongs to nobody`);
      return owner;
    };
    return {
      name,
      dnsName,
      address: (await status()).TailscaleIPs[0] ?? '',
      status,
      user,
      socket,
      socksPort,
      tailscale,
      serveConfig: async () => JSON.parse(await tailscale('serve', 'status', '--json')) as unknown,
      peerApi: async () => new URL((await status()).PeerAPIURL[0] ?? ''),
      startDaemon,
      killDaemon: async () => {
        const gone = once(daemon!, 'exit');
        daemon?.kill('SIGKILL');
        await gone;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#daemons, this.#control].filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    const gone = all.map((child) => once(child, 'exit'));
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(gone);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #startDaemon(dir: string, socket: string, socksPort: number): ChildProcess {
    const words = [
      '--tun=userspace-networking',
      `--statedir=${dir}`,
      `--socket=${socket}`,
      '--port=0',
      '--no-logs-no-support',
      `--socks5-server=127.0.0.1:${socksPort}`,
    ];
    const log = openSync(join(dir, 'daemon.log'), 'a');
    const env = { PATH: process.env['PATH'], ...ALONE, TS_NETCHECK_GENERATE_204_URL: `${this.url}/generate_204` };
    const daemon = spawn(join(programs(), 'tailscaled'), words, { env, stdio: ['ignore', log, log] });
    this.#daemons.add(daemon);
    return daemon;
  }
}

function openssl(dir: string, ...words: string[]): void {
  execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' });
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function makeAuthority(dir: string): void {
  const subject = ['-subj', '/CN=Test authority'];
  openssl(dir, 'req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', ...subject);
}

/** Where the daemon looks for the certificate of its own name. */
function makeLeaf(dir: string, name: string, certs: string): void {
  const [key, request, extensions] = [
    join(certs, `${name}.key`),
    join(certs, 'request.pem'),
    join(certs, 'extensions'),
  ];
  openssl(dir, 'req', '-new', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
  writeFileSync(extensions, `subjectAltName=DNS:${name}\n`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', extensions, '-days', '30'];
  openssl(dir, 'x509', '-req', '-in', request, ...signed, '-out', join(certs, `${name}.crt`));
}
