import type { ErrorInfo } from './errors.ts';

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
  readonly controlUi: { readonly enabled: boolean; readonly root: string; readonly allowedOrigins: readonly string[] };
  readonly trustedProxies: readonly string[];
}

export type GatewayAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'token'; readonly token: string }
  | { readonly mode: 'password'; readonly password: string };

/** Parent → gateway process. */
export type HostCommand =
  { readonly type: 'start'; readonly options: GatewayRunOptions } | { readonly type: 'stop'; readonly reason: string };

/** Gateway process → parent. */
export type HostReport =
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly port: number; readonly url: string }
  | { readonly type: 'failed'; readonly error: ErrorInfo }
  | { readonly type: 'stopped' };
