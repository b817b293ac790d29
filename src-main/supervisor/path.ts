import type { SignInAnswer } from '../contract/calls.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { LocalExposure } from '../contract/exposure.ts';
import type { SignInQuestion } from '../contract/question.ts';
import type { Forward, ForwardState, TunnelProbe } from '../contract/tunnel.ts';
import type { Link } from '../ssh/link.ts';

/** What lies between this computer and a gateway: an SSH tunnel, the embedded gateway's process, or nothing. */
export type PathState =
  | { readonly status: 'off' }
  | { readonly status: 'connecting'; readonly sinceMs: number; readonly attempt: number }
  | { readonly status: 'asks'; readonly sinceMs: number; readonly question: SignInQuestion }
  | { readonly status: 'ready'; readonly sinceMs: number; readonly url: string; readonly attached: boolean }
  | {
      readonly status: 'waiting';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly cause: ErrorInfo;
    }
  | { readonly status: 'failed'; readonly sinceMs: number; readonly cause: ErrorInfo };

/** What is known of the SSH part of a path. */
export interface SshFacts {
  /** `studio:22`, once resolved. */
  readonly server: string | undefined;
  readonly signedInWith: string | undefined;
  /** Where the forward ends over there: `127.0.0.1:18789`. */
  readonly remote: string;
  readonly probe: TunnelProbe | undefined;
  /** Local connections that wait for the link to come back. */
  readonly held: number;
  /** Ports beside the gateway's own. */
  readonly forwards: readonly ForwardState[];
}

/** What a person can do about the questions of a path. */
export interface SignInControl {
  /** @throws AppError `app/input-invalid` when the question is no longer open, `ssh/identity-unreadable` */
  answer(answer: SignInAnswer): Promise<void>;
  /** @throws AppError `app/input-invalid` when the question is no longer open */
  decline(questionId: string): void;
  /** Forgets what was typed, in memory and in the keychain. */
  forget(): Promise<void>;
}

export interface Path {
  readonly state: PathState;
  /** Where local programs reach the gateway, also while the line is being rebuilt: nobody is turned away meanwhile. */
  readonly url: string | undefined;
  /** The one certificate that may be shown there; without it, any that this computer trusts. */
  readonly tlsFingerprint?: string | undefined;
  readonly ssh: SshFacts | undefined;
  /** The SSH connection of the path, while there is one; not to be closed. */
  readonly link?: Link | undefined;
  /** Who can reach the gateway, where we run it. */
  readonly exposure?: LocalExposure | undefined;
  /** Absent where nobody is ever asked. */
  readonly signIn?: SignInControl;
  /** Takes up other ports beside the gateway's; false, or absent, where the line has to be made anew for that. */
  setForwards?(forwards: readonly Forward[]): Promise<boolean>;
  /** Starts, or tries at once when it waits or has given up. */
  start(): void;
  suspend(): void;
  resume(): void;
  /** Resolves when no listener, process, timer or socket of it is left. */
  stop(): Promise<void>;
}
