import { takeFault } from '../faults.ts';
import { refusesConflicts } from '../state.ts';
import { without } from '../without.ts';
import type { Part, ServeConfig } from '../daemon/routes.ts';
import { dialError, ProgramError } from './daemon-client.ts';
import { parseFlags, UsageError, type Parsed } from './flags.ts';
import { askStatus, notRunning, type Program, type StatusDocument } from './program.ts';

export type Mode = 'serve' | 'funnel';

const FLAGS = {
  bg: 'switch',
  yes: 'switch',
  https: 'word',
  http: 'word',
  tcp: 'word',
  'tls-terminated-tcp': 'word',
  'set-path': 'word',
  'accept-app-caps': 'word',
  'proxy-protocol': 'word',
} as const;
const FUNNEL_PORTS = 'https://tailscale.com/cap/funnel-ports?ports=';

/** A route as the words ask for it. */
interface Wanted {
  readonly mode: Mode;
  readonly scheme: 'https' | 'http';
  readonly port: number;
  readonly mount: string;
  readonly isBackground: boolean;
}

/** `tailscale serve` and `tailscale funnel`. @returns the exit code */
export async function serveCommand(program: Program, mode: Mode, words: readonly string[]): Promise<number> {
  if (words[0] === 'status') return statusCommand(program, words.slice(1));
  if (words[0] === 'reset') return resetCommand(program);
  const parsed = parseFlags(words, FLAGS);
  const [target, verb] = parsed.rest;
  if (target === undefined) {
    await program.out(`usage: tailscale ${mode} <target>\n`);
    return 0;
  }
  if (parsed.rest.length > 2 || (verb !== undefined && verb !== 'off')) {
    throw new ProgramError('Error: invalid argument format');
  }
  const wanted = wantedBy(mode, parsed);
  if (mode === 'funnel') await verifyFunnel(program);
  if (target === 'off') return turnOff(program, wanted, parsed.flags.has('set-path'));
  return claim(program, wanted, targetOf(target));
}

function wantedBy(mode: Mode, { flags }: Parsed): Wanted {
  const http = flags.get('http');
  if (http !== undefined && mode === 'funnel') throw new UsageError('flag provided but not defined: -http');
  const [scheme, port] =
    http === undefined ? (['https', flags.get('https') ?? '443'] as const) : (['http', http] as const);
  return {
    mode,
    scheme,
    port: Number(port),
    mount: flags.get('set-path') ?? '/',
    isBackground: flags.get('bg') === 'true',
  };
}

/** A number is a port of this computer; everything else has to be an address. */
function targetOf(word: string): string {
  if (/^\d+$/.test(word)) return `http://127.0.0.1:${word}`;
  if (/^localhost:\d+$/.test(word)) return `http://${word}`;
  if (/^(https?|https\+insecure):\/\/[^/]+/.test(word)) return word;
  throw new ProgramError(`error: failed to apply web serve: invalid proxy target "${word}"`);
}

async function statusCommand(program: Program, words: readonly string[]): Promise<number> {
  const { flags } = parseFlags(words, { json: 'switch' });
  const { config } = await readConfig(program);
  if (flags.get('json') === 'true') {
    await program.out(`${JSON.stringify(config, null, 2)}\n`);
    return 0;
  }
  // It does not look at sessions.
  const hosts = Object.entries(config.Web ?? {}).flatMap(([host, { Handlers }]) => [
    `https://${host.replace(/:443$/, '')} (${config.AllowFunnel?.[host] === true ? 'Funnel on' : 'tailnet only'})`,
    ...Object.entries(Handlers).map(([mount, { Proxy: proxy }]) => `|-- ${mount} proxy ${proxy ?? ''}`),
  ]);
  await program.out(hosts.length === 0 ? 'No serve config\n' : `${hosts.join('\n')}\n`);
  return 0;
}

async function resetCommand(program: Program): Promise<number> {
  await writeConfig(program, {}, '');
  return 0;
}

async function verifyFunnel(program: Program): Promise<void> {
  const { Self } = JSON.parse(await askStatus(program).catch(prefixed('getting client status'))) as StatusDocument;
  const keys = Object.keys(Self.CapMap ?? {});
  if (!keys.includes('https')) {
    throw new ProgramError('Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.');
  }
  if (!keys.includes('funnel')) {
    throw new ProgramError(
      'Funnel not available; "funnel" node attribute not set. See https://tailscale.com/s/no-funnel.',
    );
  }
  // Always this port, whichever is asked for.
  const allowed = keys.find((key) => key.startsWith(FUNNEL_PORTS))?.slice(FUNNEL_PORTS.length) ?? '';
  if (!allowed.split(',').includes('443')) {
    throw new ProgramError(`port 443 is not allowed for funnel; allowed ports are: ${allowed}`);
  }
}

function prefixed(words: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof ProgramError ? new ProgramError(`${words}: ${error.message}`) : error;
  };
}

async function claim(program: Program, wanted: Wanted, target: string): Promise<number> {
  const { config, etag } = await readConfig(program).catch(prefixed('error getting serve config'));
  const status = JSON.parse(await askStatus(program)) as StatusDocument;
  const why = notRunning(status);
  if (why !== undefined) throw new ProgramError(why);
  if (status.CurrentTailnet === null || status.CurrentTailnet === undefined) return panic(program);
  if (wanted.scheme === 'https' && !('https' in (status.Self.CapMap ?? {}))) {
    const code = await askForFeature(program);
    if (code !== undefined) return code;
  }
  refuseByOldProgram(program, config, wanted);
  const dnsName = status.Self.DNSName.replace(/\.$/, '');
  if (wanted.isBackground) {
    await writeConfig(program, { ...config, ...withRoute(config, wanted, dnsName, target) }, etag);
    const end = `Serve started and running in the background.\nTo disable the proxy, run: tailscale ${wanted.mode} --${wanted.scheme}=${wanted.port} off\n`;
    await program.out(`${announcement(wanted, dnsName, target)}${end}`);
    return 0;
  }
  const session = await Session.open(program);
  const part = withRoute({}, wanted, dnsName, target);
  await writeConfig(program, { ...config, Foreground: { ...config.Foreground, [session.id]: part } }, etag);
  await program.out(`${announcement(wanted, dnsName, target)}Press Ctrl+C to exit.\n`);
  const fault = takeFault(program.folder, 'ready');
  if (fault?.kind === 'die-when-ready') return fault.code;
  return session.ended;
}

/** The unguarded look at what is not there yet. */
function panic(program: Program): number {
  program.err('panic: runtime error: invalid memory address or nil pointer dereference\n');
  return 2;
}

/** @returns the exit code where it ends with that, `undefined` when it has been allowed */
async function askForFeature({ daemon, out, state }: Program): Promise<number | undefined> {
  const { text, url, shouldWait } = state.queryFeature;
  await out(`\n${text}\n\n         ${url}\n\n`);
  if (!shouldWait) return 0;
  for (;;) {
    const { Self } = JSON.parse((await daemon.ask('GET', 'status?peers=false')).text) as StatusDocument;
    if ('https' in (Self.CapMap ?? {})) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await out('Success.\n');
  return undefined;
}

/** Up to 1.90 the program looked, and the daemon did not. */
function refuseByOldProgram(
  { state }: Program,
  config: ServeConfig,
  { port, isBackground, mode, scheme }: Wanted,
): void {
  if (refusesConflicts(state.version.cli)) return;
  if (Object.values(config.Foreground ?? {}).some(({ TCP }) => TCP?.[port] !== undefined)) {
    throw new ProgramError('foreground already exists under this port');
  }
  if (isBackground || config.TCP?.[port] === undefined) return;
  throw new ProgramError(
    `background configuration already exists, use \`tailscale ${mode} --${scheme}=${port} off\` to remove the existing configuration`,
  );
}

function withRoute(part: Part, { mode, scheme, port, mount }: Wanted, dnsName: string, target: string): Part {
  const host = `${dnsName}:${port}`;
  const handlers = { ...part.Web?.[host]?.Handlers, [mount]: { Proxy: target } };
  const open = without(part.AllowFunnel, host);
  const AllowFunnel = mode === 'funnel' ? { ...open, [host]: true } : open;
  return {
    TCP: { ...part.TCP, [port]: scheme === 'https' ? { HTTPS: true } : { HTTP: true } },
    Web: { ...part.Web, [host]: { Handlers: handlers } },
    ...(Object.keys(AllowFunnel).length > 0 && { AllowFunnel }),
  };
}

function announcement({ mode, scheme, port, mount }: Wanted, dnsName: string, target: string): string {
  const whom = mode === 'serve' ? 'Available within your tailnet:' : 'Available on the internet:';
  const usual = scheme === 'https' ? 443 : 80;
  return `${whom}\n\n${scheme}://${dnsName}${port === usual ? '' : `:${port}`}${mount}\n|-- proxy ${target}\n\n`;
}

async function turnOff(program: Program, { port, mount }: Wanted, onlyMount: boolean): Promise<number> {
  const { config, etag } = await readConfig(program);
  const hosts = Object.keys(config.Web ?? {}).filter((host) => host.endsWith(`:${port}`));
  const [host] = hosts;
  if (host === undefined) {
    program.err('error: failed to remove web serve: handler does not exist\n\n');
    program.err('try `tailscale serve --help` for usage info\n');
    return 1;
  }
  const handlers = { ...config.Web?.[host]?.Handlers };
  if (onlyMount) delete handlers[mount];
  const isEmpty = !onlyMount || Object.keys(handlers).length === 0;
  const Web = without(config.Web, host);
  const TCP = without(config.TCP, String(port));
  const AllowFunnel = without(config.AllowFunnel, host);
  const next = isEmpty
    ? { ...config, Web, TCP, AllowFunnel }
    : { ...config, Web: { ...Web, [host]: { Handlers: handlers } } };
  await writeConfig(program, next, etag);
  return 0;
}

async function readConfig({ daemon }: Program): Promise<{ readonly config: ServeConfig; readonly etag: string }> {
  const answer = await daemon.ask('GET', 'serve-config').catch((error: unknown) => {
    throw new ProgramError(
      `getting serve config: Failed to connect to local Tailscale daemon for /localapi/v0/serve-config; not running? Error: ${dialError(daemon.socket, error)}`,
      { cause: error },
    );
  });
  if (answer.status !== 200) throw new ProgramError(`getting serve config: ${answer.text.trim()}`);
  return { config: (JSON.parse(answer.text) ?? {}) as ServeConfig, etag: answer.etag };
}

async function writeConfig(program: Program, config: ServeConfig, etag: string): Promise<void> {
  const { status, text } = await program.daemon.ask('POST', 'serve-config', config, etag);
  if (status === 200) return;
  if (status === 412) {
    program.err('Another client is changing the serve config; please try again.\n');
    throw new ProgramError('sending serve config: Preconditions failed: etag mismatch');
  }
  if (status === 403) {
    throw new ProgramError(
      "sending serve config: Access denied: serve config denied\n\nUse 'sudo tailscale serve'.\nTo not require root, use 'sudo tailscale set --operator=$USER' once.",
    );
  }
  const { error } = JSON.parse(text) as { readonly error: string };
  throw new ProgramError(`sending serve config: ${error}`);
}

/** The connection that keeps a foreground route. */
class Session {
  readonly id: string;
  /** 0 when it was ended in order, by us or by the daemon; a ProgramError when the daemon is gone. */
  readonly ended: Promise<number>;

  private constructor(id: string, ended: Promise<number>) {
    this.id = id;
    this.ended = ended;
  }

  /** Whatever ends the session is heard from here on: a person may interrupt as soon as the program says that it is ready. */
  static async open({ daemon }: Program): Promise<Session> {
    const bus = await daemon.open('GET', 'watch-ipn-bus?mask=2');
    const ended = new Promise<number>((resolve, reject) => {
      process.once('SIGINT', () => resolve(0));
      bus.once('end', () => resolve(0));
      bus.once('error', () => reject(new ProgramError('unexpected EOF')));
    });
    // Told where it is waited for; until then a daemon that is gone fails whatever is asked of it.
    ended.catch(() => undefined);
    const first = await new Promise<string>((resolve, reject) => {
      bus.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
      ended.then(() => reject(new ProgramError('unexpected EOF')), reject);
    });
    bus.resume();
    return new Session((JSON.parse(first) as { readonly SessionID: string }).SessionID, ended);
  }
}
