import { connect, type Socket } from 'node:net';

import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';

import type { Clock } from '../platform/ports.ts';

/** Which keys the agent holds, or why it does not say. */
export type AgentKeys =
  | { readonly status: 'absent' }
  | { readonly status: 'unreachable' }
  | { readonly status: 'answered'; readonly path: string; readonly keys: readonly ParsedKey[] };

const LIST_TIMEOUT_MS = 5_000;

/** An agent on a Unix socket or a Windows pipe whose connections end with `signal`, so that none is left behind. */
export class SshAgent extends ssh2.OpenSSHAgent {
  readonly #path: string;
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(path: string, signal: AbortSignal) {
    super(path);
    this.#path = path;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
  }

  /** Takes back what it has not answered. */
  close(): void {
    this.#closed.abort();
  }

  override getStream(done: (error?: Error | null, stream?: Socket) => void): void {
    const socket = connect(this.#path);
    const stop = () => socket.destroy(new Error('no longer needed'));
    let settled = false;
    const settle = (error: Error | undefined) => {
      if (settled) return;
      settled = true;
      if (error) done(error);
      else done(null, socket);
    };
    socket.on('connect', () => settle(undefined));
    socket.on('error', settle);
    socket.on('close', () => {
      this.#signal.removeEventListener('abort', stop);
      settle(new Error('the agent closed the connection'));
    });
    if (this.#signal.aborted) stop();
    else this.#signal.addEventListener('abort', stop);
  }
}

/**
 * The first agent of several that holds a key; else what the first one came to that answered. Never rejects: a missing
 * agent only means that there are fewer keys.
 */
export async function listAgentKeys(places: readonly string[], clock: Clock, signal: AbortSignal): Promise<AgentKeys> {
  let best: AgentKeys = places.length === 0 ? { status: 'absent' } : { status: 'unreachable' };
  for (const path of places) {
    const found = await listKeysOf(path, clock, signal);
    if (found.status !== 'answered') continue;
    if (found.keys.length > 0) return found;
    if (best.status !== 'answered') best = found;
  }
  return best;
}

async function listKeysOf(path: string, clock: Clock, signal: AbortSignal): Promise<AgentKeys> {
  const listing = new AbortController();
  const cancel = clock.after(LIST_TIMEOUT_MS, () => listing.abort());
  const agent = new SshAgent(path, AbortSignal.any([signal, listing.signal]));
  const keys = await new Promise<readonly ParsedKey[] | undefined>((resolve) => {
    agent.getIdentities((error, list) => resolve(error ? undefined : (list ?? []).filter(isParsedKey)));
  });
  cancel();
  if (keys === undefined) return { status: 'unreachable' };
  return { status: 'answered', path, keys };
}

function isParsedKey(key: object): key is ParsedKey {
  return 'getPublicSSH' in key;
}

/** The agent reduced to one of its keys, so that each offer can be counted and named. */
export class OneKeyAgent extends SshAgent {
  readonly #key: ParsedKey;
  #isSigning = false;

  constructor(path: string, signal: AbortSignal, key: ParsedKey) {
    super(path, signal);
    this.#key = key;
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, [this.#key]);
  }

  /** A signature was asked for and has neither come nor been refused. */
  get isSigning(): boolean {
    return this.#isSigning;
  }

  // oxlint-disable-next-line max-params -- the signature of ssh2
  override sign(
    key: ParsedKey,
    data: Buffer,
    options?: SigningRequestOptions | SignCallback,
    then?: SignCallback,
  ): boolean {
    const [done, rest] = typeof options === 'function' ? [options, {}] : [then, options];
    this.#isSigning = true;
    return super.sign(key, data, rest, (...result) => {
      this.#isSigning = false;
      done?.(...result);
    });
  }
}
