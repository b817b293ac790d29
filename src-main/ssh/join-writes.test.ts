import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { joinWrites } from './join-writes.ts';

/** Notes how many bytes go out together. */
class Wire extends Duplex {
  readonly sent: number[] = [];

  constructor() {
    super({ writableHighWaterMark: 16 * 1024 });
    joinWrites(this);
  }

  override _writev(chunks: readonly { readonly chunk: unknown }[], done: () => void): void {
    this.sent.push(chunks.reduce((sum, { chunk }) => sum + (chunk as Buffer).length, 0));
    done();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this._writev([{ chunk }], done);
  }

  override _read(): void {}
}

const KIB = 1024;
const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

it('sends the pieces of a small packet together, at the end of the tick', async () => {
  const wire = new Wire();
  for (const bytes of [4, 48, 16]) wire.write(Buffer.alloc(bytes));
  expect(wire.sent).toEqual([]);
  await nextTick();
  expect(wire.sent).toEqual([68]);
});

it('joins what several ticks in a row bring, up to as much as is worth it', async () => {
  const wire = new Wire();
  for (let tick = 0; tick < 6; tick += 1) {
    wire.write(Buffer.alloc(64 * KIB));
    await nextTick();
  }
  expect(wire.sent).toEqual([256 * KIB]);
  await nextTurn();
  expect(wire.sent).toEqual([256 * KIB, 128 * KIB]);
});

it('keeps nothing that was written when it is ended or destroyed', async () => {
  const ended = new Wire();
  ended.write(Buffer.alloc(64 * KIB));
  await nextTick();
  ended.end();
  expect(ended.sent).toEqual([64 * KIB]);
  const destroyed = new Wire();
  destroyed.write(Buffer.alloc(64 * KIB));
  await nextTick();
  destroyed.destroy();
  await nextTurn();
  expect(destroyed.sent).toEqual([]);
});
