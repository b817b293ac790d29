import type { ErrorInfo } from './errors.ts';
import type { LocalExposure } from './exposure.ts';
import type { ForwardState } from './tunnel.ts';
import type { SignInQuestion } from './question.ts';

export type GatewayId = string & { readonly __brand: 'GatewayId' };

/** The embedded gateway of this computer. It is always in the list and cannot be removed. */
export const LOCAL_GATEWAY = 'local' as GatewayId;

export type GatewayKind = 'local' | 'ssh' | 'direct';
export type Mode = GatewayKind | 'off';

/** What one gateway's line is doing, computed from facts; the wish is `GatewayView.wanted`. */
export type LineState =
  | { readonly status: 'off' }
  | { readonly status: 'connecting'; readonly sinceMs: number; readonly attempt: number }
  /** Goes on as soon as a person has answered, and never by itself. */
  | { readonly status: 'asks'; readonly sinceMs: number; readonly question: SignInQuestion }
  | {
      readonly status: 'connected' | 'attached';
      readonly sinceMs: number;
      readonly checkedAtMs: number;
      readonly roundTripMs: number;
    }
  | {
      readonly status: 'waiting';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | { readonly status: 'failed'; readonly sinceMs: number; readonly cause: ErrorInfo };

/** It is there and waits for this computer, not for a next attempt: there is no moment to count down to, nor anything to try. */
export function isAwaited(cause: ErrorInfo): boolean {
  return cause.code === 'gateway/no-tailnet-address';
}

export type LineStatus = LineState['status'];

export type HopName = 'here' | 'ssh' | 'forward' | 'gateway' | 'exposure';

/** One station on the line, in the order in which bytes pass it. */
export interface HopView {
  readonly hop: HopName;
  readonly title: string;
  readonly state:
    | 'here'
    | 'connected'
    | 'connecting'
    | 'asks'
    | 'waiting'
    | 'failed'
    | 'unreached'
    | 'off'
    /** Of the exposure only: others reach the gateway through it. */
    | 'exposed'
    | 'public';
  /** This hop's own share of the round trip, milliseconds; the shares add up to `roundTripMs`. */
  readonly latencyMs: number | undefined;
  /** Shown in the place of the figure when there is none: `Port 18789`, `Refused`. */
  readonly word: string;
  readonly detail: string;
}

/** One client of the gateway, as the gateway reports it. */
export interface PresenceView {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly sinceMs: number | undefined;
}

/** What the gateway said about itself in its last hello and health answer. */
export interface GatewayFacts {
  readonly version: string;
  readonly protocol: number;
  readonly startedAtMs: number;
  readonly presence: readonly PresenceView[];
}

/** One round trip; `ms` is absent where no answer came. */
export interface Sample {
  readonly atMs: number;
  readonly ms: number | undefined;
}

/** Who can reach a gateway right now, in one sentence. */
export interface ReachView {
  /** The whole sentence, without the time at which it ends. */
  readonly headline: string;
  readonly detail: string;
  /** Absent where only this computer can, and where another computer decides. */
  readonly open?: {
    readonly to: 'lan' | 'tailnet' | 'internet';
    /** How the headline begins: `Anyone on the internet`. */
    readonly who: string;
  };
  /** This computer speaks to it unencrypted, in a network that a person trusts as a whole. */
  readonly unencrypted?: true;
}

/** Identity of a gateway for the eye: pattern first, hue second; each 1 to 6. */
export interface Flag {
  readonly pattern: number;
  readonly hue: number;
}

export interface GatewayView {
  readonly id: GatewayId;
  readonly name: string;
  readonly kind: GatewayKind;
  readonly flag: Flag;
  /** `user@host:port` or alias for SSH, the URL for direct; absent for the local gateway. */
  readonly target: string | undefined;
  readonly wanted: 'up' | 'down';
  readonly state: LineState;
  /** Where local programs reach it, also while the line is rebuilt: `ws://127.0.0.1:18789`. Absent while nothing listens. */
  readonly url: string | undefined;
  readonly hops: readonly HopView[];
  readonly facts: GatewayFacts | undefined;
  /** Oldest first, at most 15 minutes. */
  readonly samples: readonly Sample[];
  /** Ports beside the gateway's own that its SSH connection carries. Absent where there are none. */
  readonly forwards?: readonly ForwardState[];
  /** Who can reach this gateway, as far as this computer knows. */
  readonly reach: ReachView;
  /** Of a gateway of this computer that we run; absent while none does. */
  readonly exposure?: LocalExposure;
}

export interface TimelineEvent {
  readonly id: number;
  readonly atMs: number;
  readonly gateway: GatewayId | undefined;
  readonly status: LineStatus | 'exposed' | 'public';
  readonly text: string;
  readonly why: string | undefined;
}

/** Everything a window, the tray or the CLI shows. Whole, immutable, ordered by `revision`. */
export interface Snapshot {
  /** Grows by at least one with every change; a receiver drops anything older. */
  readonly revision: number;
  readonly app: { readonly version: string; readonly computer: string; readonly startedAtMs: number };
  /** The wish: the gateway in use, or `undefined` when switched off. */
  readonly use: GatewayId | undefined;
  /** The local gateway first, then in the order in which they were added. */
  readonly gateways: readonly GatewayView[];
  /** What is wrong with the app itself (settings, config), not with a line. */
  readonly problems: readonly ErrorInfo[];
  /** Newest first, at most 50. */
  readonly events: readonly TimelineEvent[];
}

export function modeOf(snapshot: Pick<Snapshot, 'use' | 'gateways'>): Mode {
  return gatewayInUse(snapshot)?.kind ?? 'off';
}

export function gatewayInUse(snapshot: Pick<Snapshot, 'use' | 'gateways'>): GatewayView | undefined {
  return snapshot.gateways.find((gateway) => gateway.id === snapshot.use);
}
