import type { ErrorInfo } from '../contract/errors.ts';
import type { LocalExposure } from '../contract/exposure.ts';
import type { Flag, GatewayFacts, GatewayId, GatewayKind, LineState, Sample } from '../contract/snapshot.ts';
import type { ClientState } from '../gateway-client/gateway-client.ts';
import type { PathState, SshFacts } from './path.ts';

/** What is known of a gateway before any connection: its record in the settings. */
export interface LineIdentity {
  readonly id: GatewayId;
  readonly name: string;
  readonly kind: GatewayKind;
  readonly flag: Flag;
  readonly target: string | undefined;
}

/** Everything observed about one line. The view is computed from it, never stored. */
export interface LineFacts {
  readonly identity: LineIdentity;
  readonly wantedSinceMs: number | undefined;
  readonly path: PathState;
  /** Where local programs reach it, also while the line is being rebuilt. */
  readonly url: string | undefined;
  readonly ssh: SshFacts | undefined;
  readonly client: ClientState;
  readonly gateway: GatewayFacts | undefined;
  readonly samples: readonly Sample[];
  /** Of a gateway of this computer that we run. */
  readonly exposure: LocalExposure | undefined;
}

export function causeOf(state: LineState): ErrorInfo | undefined {
  return state.status === 'waiting' || state.status === 'failed' ? state.cause : undefined;
}
