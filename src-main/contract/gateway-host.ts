import type { ErrorInfo } from './errors.ts';
import type {
  ExposureMode,
  ExposurePlan,
  ExposureView,
  ExposureWish,
  GatewayAccess,
  TailnetDevices,
} from './exposure.ts';

/** How one gateway is to run. Travels to its process as a message, never as argv or environment. */
export interface GatewayRunOptions {
  /** Home folder of this gateway: state, logs. */
  readonly home: string;
  /** The configuration this was read from, whether it exists or not. */
  readonly configFile: string;
  readonly version: string;
  readonly bind: 'loopback' | 'tailnet' | 'lan' | 'custom';
  /** Address to listen on for `custom`. */
  readonly host: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly auth: GatewayAuth;
  /** What is known beside the file, for when that asks for something else while the gateway runs. Absent: nothing. */
  readonly authSources?: AuthSources;
  readonly rateLimit: RateLimit;
  readonly controlUi: { readonly enabled: boolean; readonly root: string; readonly allowedOrigins: readonly string[] };
  /** Addresses and networks of proxies that are believed when they say for whom they ask. */
  readonly trustedProxies: readonly string[];
  readonly nodes: NodeRules;
  readonly tailscale: TailscaleOptions;
  /** Absent where it speaks plain HTTP. */
  readonly tls: TlsOptions | undefined;
}

/** Both files are PEM, the key without a passphrase. */
export interface TlsOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Makes both where neither is there. */
  readonly autoGenerate: boolean;
}

export interface TailscaleOptions {
  /** What the configuration asks for. */
  readonly mode: ExposureMode;
  /** What the command line asks for; absent where it says nothing. */
  readonly given?: ExposureMode | undefined;
  /** Where Tailscale takes connections; 443 unless told otherwise. */
  readonly port: number;
  /** A mode that was switched to while it ran does not outlast the run. */
  readonly resetOnExit: boolean;
  /** Who comes by Serve as an allowed user of the tailnet opens the Control UI without a secret. */
  readonly allowIdentity: boolean;
  /** Ids of further users of the tailnet who are let in so, beside the owner of this computer. */
  readonly allowedUserIds: readonly string[];
}

/** How many wrong secrets lock a client out, and for how long. */
export interface RateLimit {
  readonly maxAttempts: number;
  readonly windowMs: number;
  readonly lockoutMs: number;
  /** Programs on this computer are answered late instead of being locked out. */
  readonly exemptLoopback: boolean;
}

export interface NodeRules {
  /** Devices on this computer need no approval. */
  readonly autoApproveLocal: boolean;
  /** Commands of nodes that may be called beside the usual ones, and those that never may; the latter wins. */
  readonly commands: { readonly allow: readonly string[]; readonly deny: readonly string[] };
}

export type GatewayAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'token'; readonly token: string }
  | { readonly mode: 'password'; readonly password: string };

/** What decides about signing in where the configuration says nothing. */
export interface AuthSources {
  /** The command line chose the mode, so the file has no say in it. */
  readonly isModeGiven: boolean;
  /** The mode when the file names neither one nor a secret. */
  readonly otherwise: 'token' | 'password';
  /** From the environment, or from the secret store. */
  readonly token: string | undefined;
  readonly password: string | undefined;
}

/** Everything that must not be written to a log. */
export function secretsOf({ auth, authSources }: GatewayRunOptions): readonly string[] {
  return [secretOf(auth), authSources?.token, authSources?.password].flatMap((secret) => secret ?? []);
}

export function secretOf(auth: GatewayAuth): string | undefined {
  return auth.mode === 'token' ? auth.token : auth.mode === 'password' ? auth.password : undefined;
}

/**
 * Whether who it is opens the Control UI by Serve. Whoever asks for a password without saying so wants the password, as
 * at the real gateway.
 */
export function allowsIdentity(said: boolean | undefined, mode: GatewayAuth['mode']): boolean {
  return said ?? mode !== 'password';
}

/** Parent → gateway process. */
export type HostCommand =
  | { readonly type: 'start'; readonly options: GatewayRunOptions }
  | { readonly type: 'stop'; readonly reason: string }
  /** Says what a wish would need and change; answered by `planned`. */
  | { readonly type: 'plan-exposure'; readonly id: number; readonly wish: ExposureWish }
  /** Counts the devices of the tailnet; answered by `devices-counted`. */
  | { readonly type: 'count-devices'; readonly id: number }
  /** Carries a wish out or leaves everything as it was; answered by `exposed`. */
  | { readonly type: 'expose'; readonly id: number; readonly wish: ExposureWish };

/** Gateway process → parent. */
export type HostReport =
  | { readonly type: 'ready' }
  /** It runs. `url`: absent where it waits for an address. `fingerprint`: SHA-256 of the certificate, where it has one. */
  | {
      readonly type: 'listening';
      readonly port: number;
      readonly url: string | undefined;
      readonly fingerprint: string | undefined;
    }
  /** A gateway on a tailnet address listens elsewhere now; nowhere when there is no address, or for the cause that is given. */
  | { readonly type: 'moved'; readonly url: string | undefined; readonly cause?: ErrorInfo | undefined }
  | { readonly type: 'failed'; readonly error: ErrorInfo }
  /** After `listening`, and again whenever the configuration was taken over, with a difference or without. */
  | { readonly type: 'access-changed'; readonly access: GatewayAccess }
  | { readonly type: 'planned'; readonly id: number; readonly plan: ExposurePlan }
  | { readonly type: 'devices-counted'; readonly id: number; readonly devices: TailnetDevices | undefined }
  | { readonly type: 'exposed'; readonly id: number; readonly error: ErrorInfo | undefined }
  | { readonly type: 'exposure-changed'; readonly view: ExposureView }
  | { readonly type: 'stopped' };

/** How a gateway with these options lets others in. `url` is where it really listens. */
export function accessOf({ bind, auth, tailscale }: GatewayRunOptions, url: string | undefined): GatewayAccess {
  return { bind, url, auth: auth.mode, allowIdentity: tailscale.allowIdentity };
}
