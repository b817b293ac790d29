import { AppError, fail, type UnreachableReason } from '../contract/errors.ts';

/** Whom a failure of dialling or signing in is about. */
export interface FailureSite {
  /** The name as the person gave it. */
  readonly name: string;
  /** The name or address that was dialled. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Keys that were offered so far. */
  readonly tried: readonly string[];
  /** Keys that were left when the server had enough. */
  readonly untried?: number;
  /** Its host key is on file: there was an SSH server once. */
  readonly isKnown?: boolean;
  /** What the server said before its SSH banner; OpenSSH explains a refusal there. */
  readonly greeting: string;
}

/** What ssh2 and `node:net` put on an error. Texts are only looked at in this file. */
interface SshError {
  readonly code?: unknown;
  readonly level?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
}

const REASONS: Readonly<Record<string, UnreachableReason>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTDOWN: 'timeout',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENETDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  // A local firewall answers a connect like this.
  EPERM: 'no-route',
  EACCES: 'no-route',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
};

const NAME_ERRORS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL']);

// RFC 4253 §11.1; ssh2 puts the number of a DISCONNECT message on `code`.
const DISCONNECT = { tooManyConnections: 12, noMoreAuthMethods: 14 } as const;

/** Text of sshd before its banner: `Not allowed at this time` (PerSourcePenalties), `Exceeded MaxStartups`. */
const THROTTLED = /not allowed at this time|exceeded maxstartups|too many connections/i;
const TOO_MANY_TRIES = /too many authentication failures/i;
const NOT_SSH = /identification string|greeting lines|invalid header|header line too long/i;
const BEFORE_HANDSHAKE = 'Connection lost before handshake';
const MAX_PROBLEM_LENGTH = 120;

/** Turns an error from before the sign-in was accepted into a code; afterwards every error is a lost connection. */
export function toSshFailure(error: unknown, site: FailureSite): AppError {
  const { code, level, message } = asSshError(error);
  const text = textOf(message);
  if (code === DISCONNECT.tooManyConnections || THROTTLED.test(site.greeting))
    return unreachable('throttled', site, error);
  if (NOT_SSH.test(text) || saysSomethingElse(site.greeting)) return noSshServer(site, error);
  if (code === DISCONNECT.noMoreAuthMethods || isEnough(error)) return rejected(site, error);
  const name = String(code);
  if (NAME_ERRORS.has(name)) return fail('ssh/host-unknown', { host: site.host }, error);
  const reason = REASONS[name];
  if (reason !== undefined) return unreachable(reason, site, error);
  if (text === BEFORE_HANDSHAKE || level === 'client-socket') return unreachable('reset', site, error);
  return handshakeFailure(text, site, error);
}

/** The server hung up after so many refusals, whatever else there was to show. */
export function hasHadEnough(failure: unknown): boolean {
  return failure instanceof AppError && isEnough(failure.cause);
}

function isEnough(error: unknown): boolean {
  return TOO_MANY_TRIES.test(textOf(asSshError(error).message));
}

export function unreachable(reason: UnreachableReason, site: FailureSite, cause?: unknown): AppError {
  return fail('ssh/host-unreachable', { host: site.name, port: site.port, reason }, cause);
}

export function rejected({ name, user, tried, untried = 0 }: FailureSite, cause?: unknown): AppError {
  return fail('ssh/auth-rejected', { host: name, user, tried, ...untriedIn(untried) }, cause);
}

/** Only said where there are some. */
export function untriedIn(untried: number): { readonly untried?: number } {
  return untried > 0 ? { untried } : {};
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : '';
}

/** Lines before the banner are allowed, a banner is required (RFC 4253 §4.2). */
function saysSomethingElse(greeting: string): boolean {
  return greeting !== '' && !/^SSH-/m.test(greeting);
}

function noSshServer(site: FailureSite, cause: unknown): AppError {
  // A network that wants people to sign in on a page of its own answers for everybody, and passes.
  if (site.isKnown === true) return unreachable('not-ssh', site, cause);
  return fail('ssh/handshake-failed', { host: site.name, problem: 'what answers there is not an SSH server' }, cause);
}

function handshakeFailure(text: string, { name: host }: FailureSite, cause: unknown): AppError {
  const what = missingIn(text);
  if (what !== undefined) return fail('ssh/no-common-algorithm', { host, what }, cause);
  return fail('ssh/handshake-failed', { host, problem: handshakeProblem(text) }, cause);
}

/** In the words of OpenSSH: ssh2 has `no matching C->S cipher`, `no matching host key format` and the like. */
function missingIn(text: string): string | undefined {
  const missing = /no matching (?:[CS]->[CS] )?(key exchange|host key|cipher|MAC|compression)/.exec(text)?.[1];
  return missing === 'host key' ? 'host key type' : missing;
}

function handshakeProblem(text: string): string {
  // Part of it may come from the server.
  const plain = text
    .replaceAll(/\p{C}/gu, ' ')
    .replace(/^Handshake failed: /, '')
    .trim();
  return plain === '' ? 'the server ended it' : plain.slice(0, MAX_PROBLEM_LENGTH);
}

/** RFC 4254 §5.1: why the server did not open a channel. */
const OPEN_FAILURE = { administrativelyProhibited: 1, connectFailed: 2, unknownType: 3, resourceShortage: 4 } as const;

/** Why a forward was not opened. Anything that is no answer of the server means the line is gone. */
export function toForwardFailure(error: unknown, where: { readonly name: string; readonly address: string }): AppError {
  const params = { host: where.name, address: where.address };
  switch (asSshError(error).reason) {
    case OPEN_FAILURE.administrativelyProhibited:
    case OPEN_FAILURE.unknownType:
      return fail('ssh/forward-prohibited', params, error);
    case OPEN_FAILURE.connectFailed:
    case OPEN_FAILURE.resourceShortage:
      return fail('ssh/forward-refused', params, error);
    default:
      return fail('ssh/connection-lost', { host: where.name }, error);
  }
}

/** ssh2 answers a global request with an error both when the server declines it and when the socket is gone. */
export function isServerAnswer(error: unknown): boolean {
  return asSshError(error).message !== 'No response from server';
}

/** The agent or one key failed to sign; ssh2 reports it and goes on with the next offer. */
export function isPassingAuthError(error: unknown): boolean {
  const { level, message } = asSshError(error);
  if (level === 'agent') return true;
  return level === 'client-authentication' && String(message).startsWith('Error signing');
}

function asSshError(error: unknown): SshError {
  return typeof error === 'object' && error !== null ? error : {};
}
