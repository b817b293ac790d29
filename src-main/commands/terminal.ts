import { describeError, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import type { TypingTerminal } from './typing-terminal.ts';

/** The terminal as far as commands use it; tests hand in their own. */
export interface Terminal {
  /** Standard output: the answer, and nothing else. */
  out(text: string): void;
  /** Standard error: what went wrong, and progress. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Where a person can type, also when input and output are led elsewhere; `undefined` where nobody sits. */
  openTyping(): TypingTerminal | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** All of standard input, for secrets. */
  readInput(): Promise<string>;
  /** Asks a person; `undefined` where nobody sits at the terminal. */
  confirm(question: string): Promise<boolean | undefined>;
}

/** Exit codes of every command; 64 is `EX_USAGE` and 78 `EX_CONFIG` of sysexits. */
export const EXIT = { done: 0, notWell: 1, unreachable: 2, refused: 3, usage: 64, config: 78 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Prints what went wrong as sentences, or as one JSON line for programs, and says with which code to exit. */
export function reportError(terminal: Terminal, error: unknown, options: { readonly json: boolean }): ExitCode {
  const info = toErrorInfo(error);
  if (options.json) terminal.out(`${JSON.stringify({ status: 'failed', cause: errorLine(info) })}\n`);
  else terminal.err(errorText(info));
  return exitCodeOf(info);
}

export function errorText(info: ErrorInfo): string {
  const { title, body, next } = describeError(info);
  return `gangway: ${title}. ${body}\n  ${next}\n`;
}

/** An error for programs: the code and its facts, with the sentences for whoever reads along. */
export function errorLine(info: ErrorInfo): Record<string, unknown> {
  const { title, body, next } = describeError(info);
  return { code: info.code, ...info.params, title, message: body, next };
}

const REFUSED: ReadonlySet<ErrorInfo['code']> = new Set([
  'gateway/token-missing',
  'gateway/token-mismatch',
  'gateway/rate-limited',
  'gateway/pairing-required',
  'gateway/pickup-failed',
  'gateway/refused',
  'gateway/certificate-invalid',
  'tailscale/needs-password',
  'tailscale/needs-secret',
  'tailscale/no-funnel',
  'tailscale/not-permitted',
  'tailscale/used-by-another',
  'ssh/auth-rejected',
  'ssh/answer-needed',
  'ssh/agent-silent',
  'ssh/password-expired',
  'ssh/no-credentials',
  'ssh/identity-unreadable',
  'ssh/host-key-unknown',
  'ssh/host-key-changed',
  'ssh/host-key-revoked',
  'ssh/host-key-in-system-file',
]);

const UNREACHABLE: ReadonlySet<ErrorInfo['code']> = new Set([
  'gateway/no-tailnet-address',
  'app/not-running',
  'gateway/unreachable',
  'gateway/silent',
  'gateway/closed',
  'gateway/starting',
  'gateway/not-a-gateway',
  'tailscale/no-gateway',
  'tailscale/not-answering',
  'tailscale/not-answered',
  'ssh/host-unknown',
  'ssh/host-unreachable',
  'ssh/connection-lost',
  'ssh/proxy-failed',
  'ssh/forward-refused',
  'ssh/service-refused',
]);

const USAGE: ReadonlySet<ErrorInfo['code']> = new Set([
  'app/input-invalid',
  'gateway/unknown',
  'gateway/insecure-url',
  'ssh/target-invalid',
]);

const CONFIG: ReadonlySet<ErrorInfo['code']> = new Set([
  'gateway/bind-needs-secret',
  'gateway/no-custom-address',
  'gateway/two-secrets',
  'tailscale/bind-not-loopback',
  'gateway/state-newer',
  'config/unreadable',
  'config/key-invalid',
]);

export function exitCodeOf({ code }: ErrorInfo): ExitCode {
  if (REFUSED.has(code)) return EXIT.refused;
  if (UNREACHABLE.has(code)) return EXIT.unreachable;
  if (USAGE.has(code)) return EXIT.usage;
  return CONFIG.has(code) ? EXIT.config : EXIT.notWell;
}
