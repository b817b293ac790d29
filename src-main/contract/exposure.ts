import type { ErrorInfo } from './errors.ts';

/** Nobody else, the devices of the tailnet, or anyone on the internet. */
export type ExposureMode = 'off' | 'serve' | 'funnel';

/** The ports the relays of Tailscale take, https://tailscale.com/kb/1223/funnel */
export const FUNNEL_PORTS: readonly number[] = [443, 8443, 10_000];

/** What a person wants to be so. */
export interface ExposureWish {
  readonly mode: ExposureMode;
  /** Where Tailscale is to take connections. */
  readonly port: number;
  /** When it closes again by itself; Funnel only. */
  readonly untilMs: number | undefined;
}

/** What a person asks for, before it is a wish with an end in time. */
export interface ExposureRequest {
  readonly mode: ExposureMode;
  /** The one in use, else the configured one, where nothing else is said. */
  readonly port?: number;
  /** How long a Funnel stays open, milliseconds; absent: until somebody closes it. */
  readonly forMs?: number;
}

/** A Funnel with an end is open for so long. */
export const FUNNEL_TIME: { readonly minMs: number; readonly maxMs: number } = {
  minMs: 15 * 60_000,
  maxMs: 24 * 3_600_000,
};

/** One press of “Add 15 min”. */
export const FUNNEL_EXTENSION_MS: number = 15 * 60_000;

/** Shorter ones can be guessed over the internet. */
export const PASSWORD_MIN_CHARS = 16;

/** What has to be so before anything is changed, in the order in which it is shown. */
export type PreflightId =
  'tailscale' | 'version' | 'magic-dns' | 'https' | 'funnel' | 'port' | 'shields' | 'permission' | 'bind' | 'secret';

export interface PreflightCheck {
  readonly id: PreflightId;
  /** What was found, for a person: `running, 1.102.3, signed in as ann@example.com`. */
  readonly found: string;
  /** Why it is not enough, and what to do about it. Absent where it is. */
  readonly fault: ErrorInfo | undefined;
}

const CHECK_NAMES: Readonly<Record<PreflightId, string>> = {
  tailscale: 'Tailscale',
  version: 'Version',
  'magic-dns': 'MagicDNS',
  https: 'HTTPS',
  funnel: 'Funnel',
  port: 'Port',
  shields: 'Shields',
  permission: 'Permission',
  bind: 'Address',
  secret: 'Sign-in',
};

/** What a check is called. Only Funnel insists on a password. */
export function checkName({ id }: PreflightCheck, { mode }: ExposureWish): string {
  return id === 'secret' && mode === 'funnel' ? 'Password' : CHECK_NAMES[id];
}

/** One line of “what will change”. */
export interface ExposureChange {
  readonly what: 'route' | 'sign-in' | 'kept';
  /** Absent where nothing is taken away, or added. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What applying a wish would need and change. Making one changes nothing. */
export interface ExposurePlan {
  readonly wish: ExposureWish;
  readonly checks: readonly PreflightCheck[];
  readonly changes: readonly ExposureChange[];
}

/** What is so, as far as it was seen. `active` is only said of a route that was just read back. */
export type ExposureState =
  | { readonly status: 'off' }
  | { readonly status: 'opening' | 'closing'; readonly mode: ExposureMode; readonly sinceMs: number }
  | {
      readonly status: 'active';
      readonly mode: 'serve' | 'funnel';
      readonly sinceMs: number;
      /** `https://laptop.tail1f3a.ts.net` */
      readonly url: string;
      /** Last time the route was read back and was ours. */
      readonly checkedAtMs: number;
      /** Last time the gateway answered through its own URL; absent where that could not be tried. */
      readonly answeredAtMs: number | undefined;
    }
  | {
      readonly status: 'waiting';
      readonly mode: 'serve' | 'funnel';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | {
      readonly status: 'failed';
      readonly mode: 'serve' | 'funnel';
      readonly sinceMs: number;
      readonly cause: ErrorInfo;
    };

/** What one address did since the route was opened. */
export interface VisitorView {
  /** Address as Tailscale gave it; on the internet the one of the client. */
  readonly address: string;
  /** Who it is, where the tailnet says so: `ann@example.com`. */
  readonly login: string | undefined;
  /** Name of the device in the tailnet. */
  readonly device: string | undefined;
  /** `identity`: let in because of who it is. */
  readonly signedIn: 'no' | 'secret' | 'identity';
  readonly requests: number;
  /** Wrong secrets, and whether it is locked out because of them. */
  readonly refused: number;
  readonly isLockedOut: boolean;
  readonly lastSeenMs: number;
}

/**
 * The devices that Tailscale knows in the tailnet beside this one. Its access rules, which nobody here sees, may let fewer of
 * them in.
 */
export interface TailnetDevices {
  readonly others: number;
  /** How many of them are connected right now. */
  readonly online: number;
  readonly askedAtMs: number;
}

/** Why a Funnel with an end was closed by itself. */
export type FunnelEnd = 'on-time' | 'clock-back' | 'clock-ahead' | 'clock-unsure';

const END_SENTENCES: Readonly<Record<FunnelEnd, string>> = {
  'on-time': 'Its time is over.',
  'clock-back': 'So much time has passed; the clock of this computer was set back meanwhile.',
  'clock-ahead': 'The clock of this computer was set forward, past the time at which it was to close.',
  'clock-unsure': 'The clock of this computer cannot tell how long it was open, so it was closed early.',
};

export function endSentence(end: FunnelEnd): string {
  return END_SENTENCES[end];
}

/** Everything shown about one gateway's exposure. */
export interface ExposureView {
  readonly wish: ExposureWish;
  readonly state: ExposureState;
  /** Why the last Funnel was closed by itself; absent where a person did it, or has asked for anything since. */
  readonly ended?: FunnelEnd | undefined;
  /** Opened from, for `Then back to Serve`. */
  readonly before: ExposureMode;
  /** Most recent first, at most 50. Empty while nothing is open. */
  readonly visitors: readonly VisitorView[];
}

/** How a gateway lets others in by itself, without Tailscale. Told by its process whenever it takes something over. */
export interface GatewayAccess {
  readonly bind: 'loopback' | 'tailnet' | 'lan' | 'custom';
  /**
   * `http://127.0.0.1:18789`; of a gateway that listens everywhere, the address for this computer. Absent while a tailnet
   * bind has no address: nothing listens then.
   */
  readonly url: string | undefined;
  readonly auth: 'none' | 'token' | 'password';
  /** Who comes by Serve as an allowed user of the tailnet needs no secret for the Control UI. */
  readonly allowIdentity: boolean;
}

/** What `exposure.undo` goes back to. */
export interface ExposureUndo {
  readonly mode: ExposureMode;
  /** The configuration gets the text it had before a password was set. */
  readonly restoresConfig: boolean;
}

/** The exposure of the gateway of this computer, with what only the app knows of it. */
export interface LocalExposure extends ExposureView {
  readonly access: GatewayAccess;
  /** Absent while there is nothing to go back to. */
  readonly undo: ExposureUndo | undefined;
}

/** What is so once an open one is closed: a Funnel that was opened from Serve goes back to it. */
export function afterClosing({ wish, before }: Pick<ExposureView, 'wish' | 'before'>): 'off' | 'serve' {
  return wish.mode === 'funnel' && before === 'serve' ? 'serve' : 'off';
}

/** Whom a tailnet address belongs to, as the daemon of Tailscale on this computer says. */
export interface TailnetPeer {
  /** Numeric id of the user; it stays when a login is renamed. */
  readonly userId: string;
  readonly login: string;
  readonly displayName: string;
  readonly device: string;
  /** A tagged device belongs to nobody, whatever its login says. */
  readonly isTagged: boolean;
}

/** This computer in its tailnet. */
export interface TailnetSelf {
  /** `laptop.tail1f3a.ts.net`, without the dot at its end. */
  readonly dnsName: string;
  readonly addresses: readonly string[];
  /** Absent where this computer is tagged: then it is nobody's. */
  readonly userId: string | undefined;
}

/** Who is who in the tailnet. Asked by the gateway, answered by the client of Tailscale. */
export interface Tailnet {
  /** `undefined`: no such address. Rejects when nobody could be asked; whoever asks denies then. */
  whois(address: string): Promise<TailnetPeer | undefined>;
  self(): Promise<TailnetSelf>;
}

/** What a gateway is to be reached through. */
export interface RouteRequest {
  readonly mode: 'serve' | 'funnel';
  /** What `Host` says of everything that comes by it: `laptop.tail1f3a.ts.net`, or `…:8443`. */
  readonly host: string;
  /** `http` only for `tailscale serve --http`, which needs no certificate; `https` unless told otherwise. */
  readonly scheme?: 'https' | 'http';
  readonly tailnet: Tailnet;
}

/** A listener of a gateway that only Tailscale is told of. */
export interface OpenRoute {
  /** On 127.0.0.1, chosen by the system. */
  readonly port: number;
  /** Most recent first, at most 50. */
  visitors(): readonly VisitorView[];
  /** Ends what came by it: started requests have 5 s, as when the gateway stops. May be called again. */
  close(): Promise<void>;
}
