import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import type { DialRequest } from './dialer.ts';
import type { Link } from './link.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** The local end. It outlives the lines that are attached to it. */
export interface Forward {
  readonly port: number;
  readonly held: number;
  attach(link: Link): void;
  hold(): void;
  refuse(): void;
  close(): Promise<void>;
}

export interface TunnelDriverDeps {
  readonly dial: (request: DialRequest) => Promise<Link>;
  readonly listen: (onTrouble: () => void) => Promise<Forward>;
  readonly policy: RetryPolicy;
  /** A line in doubt gets that long at least before another is dialled, which may be dear. */
  readonly minHeadStartMs?: number;
  /** An attempt waits for what somebody types, who would have to begin again with another. */
  readonly isAsking: () => boolean;
  /** The addresses of this computer. */
  readonly readAddresses: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: (state: TunnelState) => void;
  readonly onProbe: (probe: TunnelProbe) => void;
}
