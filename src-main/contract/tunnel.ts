import type { ErrorInfo } from './errors.ts';

/** What makes the SSH connection: ssh2 in this process, or an `ssh` of the system as our child. */
export type SshEngine = 'built-in' | 'system-ssh';

/**
 * What one SSH tunnel (an SSH connection and the local forward on it) is doing right now.
 * What the user *wants* is kept elsewhere, as the wish.
 */
export type TunnelState =
  | { readonly status: 'stopped' }
  | { readonly status: 'connecting'; readonly attempt: number; readonly sinceMs: number }
  | { readonly status: 'connected'; readonly localPort: number; readonly sinceMs: number }
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      readonly sinceMs: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | { readonly status: 'stopping'; readonly then: 'stay-stopped' | 'start-again' }
  | { readonly status: 'failed'; readonly sinceMs: number; readonly cause: ErrorInfo };

/** One probe of a tunnel. A hop that was not reached has no figure. */
export interface TunnelProbe {
  readonly atMs: number;
  /** Round trip of a global request answered by the SSH server itself, milliseconds. */
  readonly sshMs: number | undefined;
  /** Time from asking for a channel to the gateway's port over there until it is confirmed, milliseconds. */
  readonly forwardMs: number | undefined;
}

/** A port here that leads to a port over there, on the connection of a gateway, beside the gateway's own. */
export interface Forward {
  /** 0 lets the system choose, until it listens. */
  readonly localPort: number;
  /** As the SSH server sees it. */
  readonly remoteHost: string;
  readonly remotePort: number;
}

/** Each forward is well or not by itself. `waiting`: for the line. */
export type ForwardState = Forward &
  ({ readonly status: 'waiting' | 'ready' } | { readonly status: 'failed'; readonly cause: ErrorInfo });
