import { CATALOG } from './error-catalog.ts';
import type { ExposureMode } from './exposure.ts';

/** Why a connection could not be made, from the operating system's or the server's answer. */
export type UnreachableReason = 'refused' | 'timeout' | 'no-route' | 'reset' | 'throttled' | 'not-ssh';

/** The same for a gateway at an address of its own, whose name is looked up as well. */
export type GatewayUnreachableReason = UnreachableReason | 'unknown-name';

/** Why nothing could be had from the programs of another computer. */
export type PickupProblem =
  | 'refused'
  | 'no-program'
  | 'no-token'
  | 'other-gateway'
  | 'elsewhere'
  | 'not-understood'
  | 'program-failed'
  | 'timeout'
  | 'lost'
  | 'cancelled'
  | 'no-request'
  | 'other-device';

/** Who holds a port, as far as the operating system tells. */
export interface PortHolder {
  readonly pid: number | undefined;
  readonly program: string | undefined;
}

/** Facts that may be shown to a person or logged. Never put a secret in here. */
export interface ErrorParams {
  readonly 'ssh/target-invalid': { readonly target: string; readonly problem: string };
  readonly 'ssh/option-unsupported': { readonly host: string; readonly option: string; readonly instead: string };
  readonly 'ssh/too-many-jumps': { readonly host: string; readonly jumps: number };
  /** `what`: `cipher`, `key exchange`, `host key type`, `MAC`. */
  readonly 'ssh/no-common-algorithm': { readonly host: string; readonly what: string };
  readonly 'ssh/system-ssh-unusable': { readonly problem: string };
  readonly 'ssh/proxy-failed': { readonly host: string; readonly words: string };
  readonly 'ssh/config-unreadable': { readonly file: string; readonly problem: string };
  readonly 'ssh/host-unknown': { readonly host: string };
  readonly 'ssh/host-unreachable': { readonly host: string; readonly port: number; readonly reason: UnreachableReason };
  readonly 'ssh/connection-lost': { readonly host: string };
  readonly 'ssh/handshake-failed': { readonly host: string; readonly problem: string };
  readonly 'ssh/host-key-unknown': {
    readonly host: string;
    readonly keyType: string;
    readonly fingerprint: string;
    /** Where known_hosts trusts a certificate authority for this host, if it does. */
    readonly authority?: string;
  };
  readonly 'ssh/host-key-changed': {
    readonly host: string;
    readonly keyType: string;
    readonly fingerprint: string;
    /** `undefined`: the same as `keyType`. */
    readonly knownKeyType?: string;
    readonly knownFingerprint: string;
    readonly file: string;
    /** Absent when the known key is the one that a person has just looked at. */
    readonly line: number | undefined;
  };
  readonly 'ssh/host-key-revoked': { readonly host: string; readonly fingerprint: string };
  readonly 'ssh/host-key-in-system-file': {
    readonly host: string;
    readonly fingerprint: string;
    readonly file: string;
    readonly line: number;
  };
  readonly 'ssh/known-hosts-unreadable': { readonly file: string };
  readonly 'ssh/no-credentials': { readonly host: string; readonly agent: 'absent' | 'empty' | 'unreachable' };
  readonly 'ssh/identity-unreadable': { readonly file: string; readonly problem: string };
  readonly 'ssh/auth-rejected': {
    readonly host: string;
    readonly user: string;
    readonly tried: readonly string[];
    /** Keys at hand that were not shown, because a server hangs up after some refusals. */
    readonly untried?: number;
  };
  /** `wanted`: what a person has to give, as in `askedFor`. */
  readonly 'ssh/answer-needed': { readonly host: string; readonly wanted: string };
  /** `key`: what the agent was asked to sign with, as a person calls it. */
  readonly 'ssh/agent-silent': { readonly host: string; readonly key: string };
  /** The account is let in, if at all, only to choose a new one. */
  readonly 'ssh/password-expired': { readonly host: string; readonly port: number; readonly user: string };
  readonly 'ssh/forward-refused': { readonly host: string; readonly address: string };
  /** As `ssh/forward-refused`, of a forward that does not lead to the gateway. */
  readonly 'ssh/service-refused': { readonly host: string; readonly address: string };
  readonly 'ssh/forward-prohibited': { readonly host: string; readonly address: string };

  readonly 'gateway/port-taken': {
    readonly port: number;
    readonly holder: PortHolder;
    readonly suggestedPort: number | undefined;
  };
  readonly 'gateway/port-taken-by-gateway': {
    readonly port: number;
    readonly holder: PortHolder;
    readonly version: string | undefined;
    readonly suggestedPort: number | undefined;
  };
  readonly 'gateway/bind-needs-secret': { readonly bind: string };
  readonly 'gateway/address-unavailable': { readonly address: string };
  readonly 'gateway/no-custom-address': Readonly<Record<string, never>>;
  readonly 'gateway/no-tailnet-address': Readonly<Record<string, never>>;
  readonly 'gateway/tls-unusable': { readonly file: string; readonly problem: string };
  readonly 'gateway/two-secrets': Readonly<Record<string, never>>;
  readonly 'gateway/state-in-use': { readonly folder: string; readonly pid: number | undefined };
  readonly 'gateway/state-unwritable': { readonly file: string; readonly reason: string };
  readonly 'gateway/state-damaged': { readonly file: string };
  readonly 'gateway/state-newer': { readonly file: string; readonly found: number; readonly supported: number };
  readonly 'gateway/crashed': { readonly exitCode: number | undefined; readonly lastLine: string | undefined };
  readonly 'gateway/crash-loop': { readonly crashes: number; readonly lastLine: string | undefined };
  readonly 'gateway/unreachable': { readonly url: string; readonly reason: GatewayUnreachableReason };
  readonly 'gateway/silent': { readonly url: string };
  readonly 'gateway/not-a-gateway': { readonly url: string };
  readonly 'gateway/starting': { readonly url: string };
  readonly 'gateway/closed': { readonly url: string; readonly closeCode: number };
  readonly 'gateway/certificate-invalid': {
    readonly url: string;
    readonly problem: string;
    /** SHA-256 of what was shown, `AB:CD:…`; absent where nothing was. */
    readonly fingerprint: string | undefined;
  };
  readonly 'gateway/certificate-changed': {
    readonly url: string;
    readonly fingerprint: string;
    readonly pinned: string;
  };
  readonly 'gateway/insecure-url': { readonly url: string; readonly isPublic?: boolean };
  readonly 'gateway/token-missing': { readonly gateway: string };
  readonly 'gateway/token-mismatch': { readonly gateway: string };
  readonly 'gateway/rate-limited': { readonly gateway: string; readonly retryAtMs: number };
  readonly 'gateway/pairing-required': {
    readonly gateway: string;
    readonly requestId: string | undefined;
    /** This device, as the gateway knows it. */
    readonly deviceId?: string;
    /** False where the gateway wants to be asked again by a person only. */
    readonly mayAskAgain?: false;
    /** The request that was made before and is no longer there. */
    readonly before?: string;
  };
  readonly 'gateway/pickup-failed': {
    readonly gateway: string;
    readonly host: string;
    readonly reason: PickupProblem;
  };
  readonly 'gateway/protocol-mismatch': { readonly gateway: string; readonly theirs: number | undefined };
  readonly 'gateway/refused': { readonly gateway: string; readonly detail: string };
  readonly 'gateway/unknown': { readonly name: string };
  readonly 'gateway/none-in-use': Record<string, never>;

  readonly 'tailscale/not-installed': Nothing;
  readonly 'tailscale/not-answering': Nothing;
  /** `url`: where a person signs in, when the daemon gave one. */
  readonly 'tailscale/signed-out': { readonly url: string | undefined };
  readonly 'tailscale/needs-approval': Nothing;
  readonly 'tailscale/stopped': Nothing;
  readonly 'tailscale/starting': Nothing;
  readonly 'tailscale/used-by-another': { readonly words: string };
  readonly 'tailscale/too-old': { readonly found: string; readonly needed: string; readonly for: 'serve' | 'funnel' };
  readonly 'tailscale/no-magic-dns': Nothing;
  readonly 'tailscale/no-https': { readonly url: string };
  readonly 'tailscale/no-funnel': { readonly url: string };
  readonly 'tailscale/funnel-port': { readonly port: number; readonly allowed: readonly number[] };
  /** `holder`: the target of the route that is there, as far as it was told. */
  readonly 'tailscale/port-taken': { readonly port: number; readonly holder: string | undefined };
  readonly 'tailscale/shields-up': Nothing;
  readonly 'tailscale/not-permitted': { readonly command: string };
  readonly 'tailscale/bind-not-loopback': { readonly bind: string };
  readonly 'tailscale/needs-secret': { readonly mode: 'none' | 'token' | 'password' };
  readonly 'tailscale/needs-password': { readonly mode: 'none' | 'token' | 'password' };
  readonly 'tailscale/claim-failed': { readonly words: string };
  readonly 'tailscale/claim-lost': Nothing;
  readonly 'tailscale/not-answered': { readonly url: string; readonly problem: string };
  /** `attached`: another program started the gateway that is used here. */
  readonly 'tailscale/no-gateway': { readonly attached: boolean };
  readonly 'tailscale/no-answer': Nothing;
  readonly 'tailscale/undo-impossible': { readonly file: string };
  readonly 'tailscale/put-back': { readonly mode: ExposureMode; readonly cause: string };

  readonly 'settings/unreadable': { readonly file: string; readonly line: number; readonly copy: string };
  readonly 'settings/key-invalid': SettingFault;
  readonly 'settings/newer-than-app': { readonly file: string; readonly found: number; readonly supported: number };
  readonly 'config/unreadable': { readonly file: string; readonly line: number; readonly problem: string };
  readonly 'config/key-invalid': SettingFault;
  readonly 'config/key-unknown': { readonly file: string; readonly line: number; readonly key: string };
  readonly 'secrets/unreadable': { readonly name: string };

  readonly 'app/not-running': Record<string, never>;
  readonly 'app/already-running': { readonly pid: number | undefined };
  readonly 'app/not-here': { readonly call: string };
  readonly 'app/input-invalid': { readonly call: string; readonly problem: string };
  readonly 'app/file-unwritable': { readonly file: string; readonly reason: string };
  readonly 'app/unexpected': { readonly summary: string };
}

type Nothing = Readonly<Record<string, never>>;

interface SettingFault {
  readonly file: string;
  readonly line: number;
  readonly key: string;
  readonly expected: string;
}

export type ErrorCode = keyof ErrorParams;

/** The form in which an error crosses a process boundary: plain data, no stack, no class. */
export type ErrorInfo<C extends ErrorCode = ErrorCode> = {
  [K in C]: { readonly code: K; readonly params: ErrorParams[K] };
}[C];

/** `retry`: goes away by itself; `needs-user`: a person must act; `never`: retrying cannot help. */
export type RetryAdvice = 'retry' | 'needs-user' | 'never';

/** The button that fixes it. Each is one call of the contract or one step in a window. */
export type ErrorAction =
  | 'try-now'
  | 'move-port'
  | 'attach'
  | 'trust-host-key'
  | 'compare-host-keys'
  | 'trust-certificate'
  | 'trust-network'
  | 'choose-identity'
  | 'use-system-ssh'
  | 'enter-token'
  | 'open-file'
  | 'start-app';

export interface UserMessage {
  /** A headline without a full stop. */
  readonly title: string;
  /** What happened and why, with the evidence. */
  readonly body: string;
  /** What to do, for where there is no button. */
  readonly next: string;
  readonly severity: 'low' | 'medium' | 'high';
  readonly retry: RetryAdvice;
  readonly action: ErrorAction | undefined;
}

/** Turns an error into text for a person. Pure, so the tray, the CLI and the windows agree. */
export function describeError<C extends ErrorCode>(info: ErrorInfo<C>): UserMessage {
  const entry = CATALOG[info.code];
  return {
    title: entry.title(info.params),
    body: entry.body(info.params),
    next: entry.next(info.params),
    severity: entry.severity,
    retry: entry.retry,
    action: entry.action,
  };
}

export function retryAdvice(info: ErrorInfo): RetryAdvice {
  return CATALOG[info.code].retry;
}

/** A failure with a code of the catalogue. `cause` is for the log and never crosses a border. */
export class AppError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly info: ErrorInfo<C>;

  constructor(info: ErrorInfo<C>, options?: { readonly cause?: unknown }) {
    super(info.code, options);
    this.info = info;
  }
}

export function fail<C extends ErrorCode>(code: C, params: ErrorParams[C], cause?: unknown): AppError {
  return new AppError({ code, params } as ErrorInfo, cause === undefined ? undefined : { cause });
}

/** Never throws. An unknown failure keeps only its class name: its message may hold a secret. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof AppError) return error.info;
  const summary = error instanceof Error ? error.constructor.name : typeof error;
  return { code: 'app/unexpected', params: { summary } };
}
