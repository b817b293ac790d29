/** What `ssh` tells until it is signed in. */
export type SignInEvent =
  | { readonly type: 'host-key-shown'; readonly keyType: string; readonly fingerprint: string }
  | { readonly type: 'key-offered'; readonly name: string }
  | { readonly type: 'key-accepted'; readonly name: string }
  | { readonly type: 'signed-in'; readonly method: string }
  | { readonly type: 'session-began' }
  /** A message for people. */
  | { readonly type: 'said'; readonly text: string };

/** What it tells about the connections that it carries. */
export type ChannelEvent =
  /** A local connection was accepted that is to go there. */
  | { readonly type: 'connection-accepted'; readonly host: string; readonly port: number }
  | { readonly type: 'channel-created'; readonly channel: number }
  | { readonly type: 'channel-opened'; readonly channel: number }
  | { readonly type: 'channel-refused'; readonly channel: number; readonly reason: string }
  /** The far end has sent all it had. */
  | { readonly type: 'channel-ended'; readonly channel: number }
  /** The far end takes no more either. */
  | { readonly type: 'channel-closed'; readonly channel: number };

export type SshLogEvent = SignInEvent | ChannelEvent | { readonly type: 'noise' };

/**
 * The functions of OpenSSH whose messages are asked for, whatever the level: `LogVerbose` of ssh_config(5), which
 * OpenSSH has since 8.5. Without it a forward that is refused looks like one that is empty.
 */
export const LOG_VERBOSE = [
  'verify_host_key',
  'userauth_pubkey',
  'input_userauth_pk_ok',
  'kex_exchange_identification',
  'client_loop',
  'channel_post_port_listener',
  'channel_new',
  'channel_input_open_confirmation',
  'chan_rcvd_ieof',
  'chan_rcvd_oclose',
]
  .map((name) => `*:${name}():*`)
  .join(',');

/** A banner of the server goes to the same stream, so only what carries the number of the process is believed. */
const DETAIL = /^(?:debug\d: )?[\w.-]+:(\w+)\(\):\d+ \((?:bin=.*?, )?pid=(\d+)\): (.*)$/;

type Matcher = readonly [inFunction: string, pattern: RegExp, toEvent: (match: RegExpExecArray) => SshLogEvent];

const channelOf = (match: RegExpExecArray): number => Number(match[1]);

// The texts are those of OpenSSH 9.2 and 10.0.
const DETAILS: readonly Matcher[] = [
  [
    'verify_host_key',
    /^Server host (?:key|certificate): (\S+) (SHA256:[\w+/]{43})/,
    (match) => ({ type: 'host-key-shown', keyType: match[1] ?? '', fingerprint: match[2] ?? '' }),
  ],
  [
    'userauth_pubkey',
    /^Offering public key: (.+) SHA256:\S+/,
    (match) => ({ type: 'key-offered', name: keyName(match[1] ?? '') }),
  ],
  [
    'input_userauth_pk_ok',
    /^Server accepts key: (.+) SHA256:\S+/,
    (match) => ({ type: 'key-accepted', name: keyName(match[1] ?? '') }),
  ],
  // Before its own banner a server explains a refusal.
  ['kex_exchange_identification', /^banner line \d+: (.*)$/, (match) => ({ type: 'said', text: match[1] ?? '' })],
  ['client_loop', /^Entering interactive session/, () => ({ type: 'session-began' })],
  [
    'channel_post_port_listener',
    /^Connection to port -?\d+ forwarding to (\S+) port (\d+) requested/,
    (match) => ({ type: 'connection-accepted', host: match[1] ?? '', port: Number(match[2]) }),
  ],
  ['channel_new', /^channel (\d+): new direct-/, (match) => ({ type: 'channel-created', channel: channelOf(match) })],
  [
    'channel_input_open_confirmation',
    /^channel (\d+): open confirm/,
    (match) => ({ type: 'channel-opened', channel: channelOf(match) }),
  ],
  ['chan_rcvd_ieof', /^channel (\d+): rcvd eof/, (match) => ({ type: 'channel-ended', channel: channelOf(match) })],
  [
    'chan_rcvd_oclose',
    /^channel (\d+): rcvd close/,
    (match) => ({ type: 'channel-closed', channel: channelOf(match) }),
  ],
];

export function isChannelEvent(event: SshLogEvent): event is ChannelEvent {
  return event.type === 'connection-accepted' || event.type.startsWith('channel-');
}

/** @param pid of the `ssh` that wrote the line */
export function readLogLine(line: string, pid: number | undefined): SshLogEvent {
  const detail = DETAIL.exec(line);
  if (detail) return Number(detail[2]) === pid ? readDetail(detail[1] ?? '', detail[3] ?? '') : { type: 'noise' };
  if (/^debug\d: /.test(line) || line.trim() === '') return { type: 'noise' };
  const signedIn = /^Authenticated to .* using "([^"]+)"\.$/.exec(line);
  if (signedIn) return { type: 'signed-in', method: signedIn[1] ?? '' };
  const refused = /^channel (\d+): open failed: (.*)$/.exec(line);
  if (refused) return { type: 'channel-refused', channel: Number(refused[1]), reason: refused[2] ?? '' };
  return { type: 'said', text: line };
}

function readDetail(name: string, text: string): SshLogEvent {
  for (const [inFunction, pattern, toEvent] of DETAILS) {
    const match = inFunction === name ? pattern.exec(text) : null;
    if (match) return toEvent(match);
  }
  return { type: 'noise' };
}

/** `/ann/.ssh/id_ed25519 ED25519` is called `id_ed25519`; a key of the agent goes by its comment. */
function keyName(text: string): string {
  const [name = text] = text.split(/ (?=[A-Z0-9-]+$)/);
  return name.split(/[/\\]/).at(-1) ?? name;
}
