import type { Duplex } from 'node:stream';

import type { AppError } from '../contract/errors.ts';
import type { RemoteRun, RemoteRunLimits } from './remote-run.ts';
import type { RemoteAddress } from './remote-address.ts';

/** Who signed in where. */
export interface LinkDescription {
  /** The name as the person gave it. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The key that was accepted; `undefined` before, and when the server asked for none. */
  readonly signedInWith: string | undefined;
}

/** A forwarded connection. `close` drops what is not yet sent. */
export interface Channel extends Duplex {
  close(): void;
}

/** Where a connection to one far port can be had. */
export interface ChannelSource {
  /** False from the moment the line is known to be gone. */
  readonly isAlive: boolean;
  /** More is queued towards the server than is good; pause reading until `whenDrained`. */
  readonly isCongested: boolean;
  /** Runs `task` once when the queue is empty, or the line is gone. */
  whenDrained(task: () => void): void;
  /** @throws AppError `ssh/forward-refused`, `ssh/forward-prohibited`, `ssh/connection-lost` */
  openChannel(origin: { readonly address: string; readonly port: number }): Promise<Channel>;
}

export interface LinkProbe {
  readonly sshMs: number | undefined;
  readonly forwardMs: number | undefined;
  readonly problem: AppError | undefined;
  /** The problem is an answer, not a silence: asking again at once would tell the same. */
  readonly isCertain: boolean;
}

/** One SSH connection. As a source it leads to the port it was made for. */
export interface Link extends ChannelSource {
  /** The same line, with its channels leading to another port over there. */
  toward(remote: RemoteAddress): ChannelSource;
  readonly description: LinkDescription;
  /** The address of this computer that the line was made from. */
  readonly localAddress: string | undefined;
  /** Settles once, with the reason, when the line is gone for any cause, a call of `close` included. */
  readonly lost: Promise<AppError>;
  /**
   * Never rejects. Each of its two questions, to the server and to the far port, takes `limitMs` at most. `onSign` is
   * called as soon as the server itself has answered, by a line that can tell the two apart.
   */
  probe(limitMs: number, onSign?: () => void): Promise<LinkProbe>;
  /** What it returns tells whether the server has given a sign of life since the call. Absent if only probes can tell. */
  watchFlow?(): () => boolean;
  /** Runs one command over there; absent where a line can only forward. */
  run?(command: string, limits: RemoteRunLimits): Promise<RemoteRun>;
  /** Resolves when the socket is closed. */
  close(): Promise<void>;
}
