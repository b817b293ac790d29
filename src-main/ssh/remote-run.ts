import type { Client, ClientChannel } from 'ssh2';

import type { Clock } from '../platform/ports.ts';

export interface RemoteRunLimits {
  readonly timeoutMs: number;
  /** Of both outputs together. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** What it says on stderr is wanted as well, in the place where it came. */
  readonly withErrors?: true | undefined;
}

/** How a command on the other computer ended. Its outputs may hold secrets: they are not for logs. */
export type RemoteRun =
  | { readonly status: 'done'; readonly exitCode: number | undefined; readonly stdout: string }
  /** The server runs no commands for this user. */
  | { readonly status: 'refused' }
  | { readonly status: 'timeout' | 'too-long' | 'lost' | 'cancelled' };

/**
 * Runs one command on the far side of a signed-in connection: no terminal, no input, nothing forwarded. A command that
 * takes too long or says too much is left to the server, which ends it with its channel.
 */
export function runRemotely(
  client: Client,
  command: string,
  { timeoutMs, maxBytes, signal, withErrors, clock }: RemoteRunLimits & { readonly clock: Clock },
): Promise<RemoteRun> {
  return new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    const end = (run: RemoteRun): void => {
      stopTimer();
      client.removeListener('close', lost);
      signal?.removeEventListener('abort', cancel);
      channel?.close();
      resolve(run);
    };
    const lost = (): void => end({ status: 'lost' });
    const cancel = (): void => end({ status: 'cancelled' });
    const stopTimer = clock.after(timeoutMs, () => end({ status: 'timeout' }));
    client.once('close', lost);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) return cancel();
    try {
      client.exec(command, (error, opened) => {
        if (error) return end({ status: 'refused' });
        channel = opened;
        listen(opened, { maxBytes, withErrors }, end);
      });
    } catch {
      // Thrown, not called back, when the socket is already gone.
      lost();
    }
  });
}

function listen(
  channel: ClientChannel,
  { maxBytes, withErrors }: Pick<RemoteRunLimits, 'maxBytes' | 'withErrors'>,
  end: (run: RemoteRun) => void,
): void {
  const said: Buffer[] = [];
  let bytes = 0;
  let exitCode: number | undefined;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) end({ status: 'too-long' });
  };
  channel.on('error', () => end({ status: 'lost' }));
  const keep = (chunk: Buffer): void => {
    said.push(chunk);
    count(chunk);
  };
  channel.on('data', keep);
  // Read in any case, so that the command is not held up.
  channel.stderr.on('data', withErrors === true ? keep : count);
  channel.on('exit', (code: number | null) => (exitCode = code ?? undefined));
  channel.on('close', () => end({ status: 'done', exitCode, stdout: Buffer.concat(said).toString('utf8') }));
  channel.end();
}
