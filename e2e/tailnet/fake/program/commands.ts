import { dialError, ProgramError } from './daemon-client.ts';
import { parseFlags } from './flags.ts';
import { askStatus, notRunning, type Program, type StatusDocument } from './program.ts';
import { serveCommand } from './serve-command.ts';

type Command = (program: Program, words: readonly string[]) => Promise<number>;

/** The commands of the real program that concern a served port. Each answers its exit code. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: (program, words) => serveCommand(program, 'serve', words),
  funnel: (program, words) => serveCommand(program, 'funnel', words),
  async status(program, words) {
    const { flags } = parseFlags(words, { json: 'switch', peers: 'switch', self: 'switch' });
    const text = await askStatus(program, flags.get('peers') !== 'false');
    const document = JSON.parse(text) as StatusDocument;
    if (flags.get('json') === 'true') {
      await program.out(JSON.stringify(document, null, 2));
      return 0;
    }
    const why = notRunning(document);
    await program.out(`${why ?? document.Self.DNSName}\n`);
    return why === undefined ? 0 : 1;
  },
  async version(program, words) {
    const { flags } = parseFlags(words, { json: 'switch', daemon: 'switch' });
    const { cli } = program.state.version;
    const isAsked = flags.get('daemon') === 'true';
    const daemonLong = isAsked ? (JSON.parse(await askStatus(program)) as StatusDocument).Version : undefined;
    const json = { majorMinorPatch: cli, short: cli, long: cli, daemonLong, cap: 140, upstream: undefined };
    await program.out(flags.get('json') === 'true' ? `${JSON.stringify(json, null, '\t')}\n` : `${cli}\n`);
    return 0;
  },
  async whois(program, words) {
    const { flags, rest } = parseFlags(words, { json: 'switch', proto: 'word' });
    const answer = await ask(program, 'GET', `whois?addr=${encodeURIComponent(rest[0] ?? '')}`);
    if (answer.status === 404) throw new ProgramError('peer not found');
    if (answer.status !== 200) throw new ProgramError(`${answer.status} Bad Request: ${answer.text.trim()}`);
    const found = JSON.parse(answer.text) as { readonly UserProfile: { readonly LoginName: string } };
    const text = flags.get('json') === 'true' ? JSON.stringify(found, null, 2) : found.UserProfile.LoginName;
    await program.out(`${text}\n`);
    return 0;
  },
  async up(program, words) {
    const kinds = { 'login-server': 'word', hostname: 'word', 'advertise-tags': 'word', reset: 'switch' } as const;
    const { flags } = parseFlags(words, kinds);
    const tags = (flags.get('advertise-tags') ?? '').split(',').filter((tag) => tag !== '');
    const joining = {
      loginServer: flags.get('login-server') ?? '',
      hostname: flags.get('hostname') ?? 'localhost',
      tags,
    };
    return done(await ask(program, 'POST', 'fake-up', joining));
  },
  down: async (program) => done(await ask(program, 'PATCH', 'prefs', { WantRunning: false })),
  logout: async (program) => done(await ask(program, 'POST', 'logout')),
  async set(program, words) {
    const { flags } = parseFlags(words, { operator: 'word', 'shields-up': 'switch' });
    const shields = flags.get('shields-up');
    const change = {
      ...(flags.has('operator') && { OperatorUser: flags.get('operator') }),
      ...(shields !== undefined && { ShieldsUp: shields === 'true' }),
    };
    return done(await ask(program, 'PATCH', 'prefs', change));
  },
  async get(program, words) {
    const { rest } = parseFlags(words, { json: 'switch' });
    const prefs = JSON.parse((await ask(program, 'GET', 'prefs')).text) as Record<string, unknown>;
    const known: Record<string, unknown> = { 'shields-up': prefs['ShieldsUp'], operator: prefs['OperatorUser'] };
    const [name] = rest;
    await program.out(`${JSON.stringify(name === undefined ? known : known[name])}\n`);
    return 0;
  },
  async ip(program) {
    const { TailscaleIPs } = JSON.parse(await askStatus(program)) as {
      readonly TailscaleIPs: readonly string[] | null;
    };
    await program.out(`${(TailscaleIPs ?? []).join('\n')}\n`);
    return 0;
  },
};

async function ask({ daemon }: Program, method: string, endpoint: string, body?: unknown) {
  return daemon.ask(method, endpoint, body).catch((error: unknown) => {
    throw new ProgramError(
      `Failed to connect to local Tailscale daemon for /localapi/v0/${endpoint.replace(/\?.*/, '')}; not running? Error: ${dialError(daemon.socket, error)}`,
      { cause: error },
    );
  });
}

function done({ status, text }: { readonly status: number; readonly text: string }): number {
  if (status !== 200) throw new ProgramError(text.trim());
  return 0;
}
