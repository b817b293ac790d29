import type { Socket } from 'node:net';

import type { Clock } from '../platform/ports.ts';
import { promptLoop } from '../platform/prompt-loop.ts';
import { carried } from '../platform/young-collector.ts';
import type { Early } from './held-client.ts';
import type { Channel, ChannelSource } from './link.ts';

/** What the objects of a connection leave behind, as `carried` counts. */
const PER_CONNECTION_BYTES = 64 * 1024;

/** How long data that a vanished client had sent may take to get through. */
const FLUSH_TIMEOUT_MS = 10_000;

interface SpliceContext {
  /** The line that `channel` is on. */
  readonly source: ChannelSource;
  readonly clock: Clock;
  /** What was read of the client before; it goes first. */
  readonly early?: Early | undefined;
}

/**
 * Carries bytes both ways until both sides are done: back-pressure and half-close included. Owns both from now on.
 * A line that is lost resets the client, so that a cut-off answer never looks like a finished one.
 */
export function splice(local: Socket, channel: Channel, { source, clock, early }: SpliceContext): void {
  for (const chunk of early?.chunks ?? []) channel.write(chunk);
  if (early?.hasEnded) channel.end();
  carryUp(local, channel, source);
  carryDown(channel, local, source);

  let stopTimer = () => {};
  let isChannelClosed = false;
  local.once('close', () => {
    if (isChannelClosed) return;
    // ssh2 drops what waits for the window when a channel is closed at once (mscdex/ssh2#1508), so it is ended
    // first and closed when that is through.
    channel.resume();
    if (channel.writableFinished) return channel.close();
    stopTimer = clock.after(FLUSH_TIMEOUT_MS, () => channel.close());
    channel.once('finish', () => channel.close());
    channel.end();
  });
  channel.once('close', () => {
    isChannelClosed = true;
    stopTimer();
    if (source.isAlive) local.destroySoon();
    else local.resetAndDestroy();
  });
  carried(PER_CONNECTION_BYTES);
  local.resume();
}

function carryUp(local: Socket, channel: Channel, source: ChannelSource): void {
  const resume = () => void local.resume();
  local.on('data', (chunk) => {
    carried(chunk.length);
    promptLoop.carried('up', chunk.length);
    if (channel.writableLength > 0) {
      // The server has closed its window. ssh2 would take in 2 MiB more before it says so.
      local.pause();
      channel.write(chunk, resume);
    } else {
      channel.write(chunk);
      if (!source.isCongested) return;
      local.pause();
      source.whenDrained(resume);
    }
  });
  local.once('end', () => channel.end());
}

function carryDown(channel: Channel, local: Socket, source: ChannelSource): void {
  channel.on('data', (chunk: Buffer) => {
    carried(chunk.length);
    promptLoop.carried('down', chunk.length);
    if (!local.destroyed && !local.write(chunk)) channel.pause();
  });
  local.on('drain', () => channel.resume());
  channel.once('end', () => {
    if (source.isAlive) local.end();
  });
}
