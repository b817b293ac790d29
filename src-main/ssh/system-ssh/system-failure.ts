import { fail, type AppError, type UnreachableReason } from '../../contract/errors.ts';
import { rejected, unreachable, type FailureSite } from '../ssh-failure.ts';

export interface SshWords {
  /** What `ssh` has said to people, line by line. */
  readonly lines: readonly string[];
  /** The host key that was shown, when it came that far. */
  readonly hostKey: { readonly keyType: string; readonly fingerprint: string } | undefined;
}

type Translate = (match: RegExpExecArray, site: FailureSite, words: SshWords) => AppError;

/** Texts of the C library, of Linux, macOS and Windows. */
const SYSTEM_REASONS: readonly (readonly [RegExp, UnreachableReason])[] = [
  [/connection refused/i, 'refused'],
  [/timed? ?out/i, 'timeout'],
  [/host is down/i, 'timeout'],
  [/no route to host|network is (unreachable|down)|permission denied|can't assign|cannot assign/i, 'no-route'],
];

const reasonOf = (text: string): UnreachableReason =>
  SYSTEM_REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'reset';

const MAX_WORDS_LENGTH = 200;

/** In this order: a line that says more stands before those that follow from it. */
const TRANSLATIONS: readonly (readonly [RegExp, Translate])[] = [
  [
    /^command-line: line 0: Bad configuration option: (\S+)/i,
    ([, option = '']) => fail('ssh/system-ssh-unusable', { problem: `it does not know the option ${plain(option)}` }),
  ],
  [
    /^(.+): terminating, \d+ bad configuration option/,
    ([, file = ''], _site, { lines }) => {
      const detail = lines.find((line) => line.startsWith(file) && !line.includes(': terminating, ')) ?? file;
      return fail('ssh/config-unreadable', { file, problem: plain(detail.slice(file.length).replace(/^:? /, '')) });
    },
  ],
  [
    /^Can't open user config file (.+?): (.*)$/,
    ([, file = '', problem]) => fail('ssh/config-unreadable', { file, problem: plain(problem) }),
  ],
  [
    /^Bad owner or permissions on (.*)$/,
    ([, file = '']) => fail('ssh/config-unreadable', { file, problem: 'its owner or its permissions are not safe' }),
  ],
  [/not allowed at this time|exceeded maxstartups/i, (_match, site) => unreachable('throttled', site)],
  [/^ssh: Could not resolve hostname ([^:]+):/, ([, host = '']) => fail('ssh/host-unknown', { host })],
  [
    /WARNING: REVOKED HOST KEY DETECTED|was revoked and you have requested/,
    (_match, site, { hostKey }) =>
      fail('ssh/host-key-revoked', { host: site.name, fingerprint: hostKey?.fingerprint ?? 'that was shown' }),
  ],
  [/WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED/, (_match, site, words) => changed(site, words)],
  [
    /^No \S+ host key is known for .* and you have requested strict checking/,
    (_match, { name: host }, { hostKey }) =>
      fail('ssh/host-key-unknown', { host, keyType: hostKey?.keyType ?? '', fingerprint: hostKey?.fingerprint ?? '' }),
  ],
  [
    /^Host key verification failed/,
    (_match, { name: host }) => fail('ssh/handshake-failed', { host, problem: 'its host key could not be verified' }),
  ],
  [
    /^Unable to negotiate with .*: no matching (.+?) found\. Their offer: (.*)$/,
    ([, what = '', offer = ''], { name: host }) =>
      fail('ssh/handshake-failed', { host, problem: `the two share no ${what}; it offers ${plain(offer)}` }),
  ],
  [
    /^Permissions \d+ for '(.+)' are too open/,
    ([, file = '']) => fail('ssh/identity-unreadable', { file, problem: 'others may read it, so ssh ignores it' }),
  ],
  [
    /^Warning: Identity file (.+) not accessible: (.*?)\.?$/,
    ([, file = '', problem]) => fail('ssh/identity-unreadable', { file, problem: plain(problem) }),
  ],
  [
    /^Load key "(.+)": (.*)$/,
    ([, file = '', problem]) => fail('ssh/identity-unreadable', { file, problem: plain(problem) }),
  ],
  [/Too many authentication failures|^\S+: Permission denied \(/, (_match, site) => rejected(site)],
  [
    /^ssh: connect to host .* port \d+: (.*)$|^(Connection timed out) during banner exchange/,
    ([, reason, timeout], site) => unreachable(reasonOf(reason ?? timeout ?? ''), site),
  ],
  // The command that should have carried the connection ended; the host on the way says why just before.
  [
    /by UNKNOWN port 65535/,
    (_match, { name: host }, { lines }) => fail('ssh/proxy-failed', { host, words: firstOf(lines) }),
  ],
  [/^Connection to .* port \d+ timed out|^Timeout, server/, (_match, site) => unreachable('timeout', site)],
  [
    /^kex_exchange_identification: |^Connection (?:closed|reset) by |^Disconnected from /,
    (_match, site) => unreachable('reset', site),
  ],
  [
    /^Could not request local forwarding|cannot listen to port/,
    () => fail('ssh/system-ssh-unusable', { problem: 'it could not listen for us' }),
  ],
];

/**
 * Why an `ssh` of the system ended before it was signed in, from what it wrote. Its texts are looked at in this file
 * and in `ssh-log.ts`, and nowhere else.
 */
export function toSystemSshFailure(words: SshWords, site: FailureSite): AppError {
  for (const [pattern, translate] of TRANSLATIONS) {
    for (const line of words.lines) {
      const match = pattern.exec(line);
      if (match) return translate(match, site, words);
    }
  }
  const last = words.lines.at(-1);
  return fail('ssh/handshake-failed', {
    host: site.name,
    problem: last === undefined ? 'ssh ended without a word' : plain(last),
  });
}

function changed({ name: host }: FailureSite, { lines, hostKey }: SshWords): AppError {
  const offending = lines.map((line) => /^Offending \S+ key in (.+):(\d+)$/.exec(line)).find((match) => match !== null);
  return fail('ssh/host-key-changed', {
    host,
    keyType: hostKey?.keyType ?? '',
    fingerprint: hostKey?.fingerprint ?? '',
    knownFingerprint: '',
    file: offending?.[1] ?? '',
    line: offending ? Number(offending[2]) : undefined,
  });
}

/** RFC 4254 §5.1, in the words of OpenSSH: why the server did not open a channel. */
export function toForwardRefusal(reason: string, where: { readonly name: string; readonly address: string }): AppError {
  const params = { host: where.name, address: where.address };
  const isRefused = /^(connect failed|resource shortage)/.test(reason);
  return fail(isRefused ? 'ssh/forward-refused' : 'ssh/forward-prohibited', params);
}

function firstOf(lines: readonly string[]): string {
  return plain(lines.find((line) => !/^kex_exchange_identification|UNKNOWN port 65535/.test(line)));
}

/** Part of it may come from a server. */
function plain(text: string | undefined): string {
  return (text ?? '').replaceAll(/\p{C}/gu, ' ').trim().slice(0, MAX_WORDS_LENGTH);
}
