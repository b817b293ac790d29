import { createServer } from 'node:http';
import { connect } from 'node:net';

import { afterEach, expect, it } from 'vitest';

import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { FollowedAddress, type Place } from './followed-address.ts';
import { closeServer } from './http-server.ts';

// Linux answers on all of 127.0.0.0/8, so these are addresses that a computer can be given and lose.
const FIRST = '127.0.0.2';
const SECOND = '127.0.0.3';

const opened: FollowedAddress[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) {
    const server = await each.stop();
    if (server !== undefined) await closeServer(server);
  }
});

async function follow(first: string | undefined = FIRST) {
  const clock = new FakeClock();
  const moves: (string | undefined)[] = [];
  const faults: string[] = [];
  const now: { address: string | undefined } = { address: first };
  const followed = new FollowedAddress({
    clock,
    addressNow: () => now.address,
    create: (address): Place => ({
      listener: { kind: 'bind', bind: 'tailnet', address },
      server: createServer((_request, response) => response.end(address)),
    }),
    leave: ({ server }) => closeServer(server),
    onMoved: (address, cause) => {
      moves.push(address);
      if (cause !== undefined) faults.push(cause.code);
    },
  });
  opened.push(followed);
  await followed.open(first, 0);
  const movedTo = async (address: string | undefined): Promise<void> => {
    now.address = address;
    const count = moves.length;
    await clock.advance(2_000);
    await expect.poll(() => moves.length).toBe(count + 1);
  };
  const answers = (address: string): Promise<string> =>
    fetch(`http://${address}:${followed.port}`, { headers: { connection: 'close' } }).then(
      (response) => response.text(),
      () => 'nobody',
    );
  return { clock, moves, faults, now, port: followed.port, movedTo, answers, followed };
}

it('listens where it is, and nowhere else', async () => {
  const { answers, clock, moves } = await follow();
  await clock.advance(10_000);
  expect([await answers(FIRST), await answers(SECOND)]).toEqual([FIRST, 'nobody']);
  expect(moves).toEqual([]);
});

it('moves with the address, on the same port, and tells', async () => {
  const { answers, movedTo, moves } = await follow();
  await movedTo(SECOND);
  expect([await answers(FIRST), await answers(SECOND)]).toEqual(['nobody', SECOND]);
  expect(moves).toEqual([SECOND]);
});

it('waits while there is no address, and comes back', async () => {
  const { answers, movedTo, moves, clock } = await follow();
  await movedTo(undefined);
  await clock.advance(60_000);
  expect(await answers(FIRST)).toBe('nobody');
  await movedTo(FIRST);
  expect(await answers(FIRST)).toBe(FIRST);
  expect(moves).toEqual([undefined, FIRST]);
});

it('begins without an address: it opens nothing, loopback included, and listens as soon as there is one', async () => {
  const now = { address: undefined as string | undefined };
  const made: string[] = [];
  const moves: (string | undefined)[] = [];
  const clock = new FakeClock();
  const followed = new FollowedAddress({
    clock,
    addressNow: () => now.address,
    create: (address) => {
      made.push(address);
      return { listener: { kind: 'bind', bind: 'tailnet', address }, server: createServer() };
    },
    leave: ({ server }) => closeServer(server),
    onMoved: (address) => moves.push(address),
  });
  opened.push(followed);
  await followed.open(undefined, 0);
  await clock.advance(60_000);
  expect([made, moves, followed.port]).toEqual([[], [], 0]);
  now.address = FIRST;
  await clock.advance(2_000);
  await expect.poll(() => moves).toEqual([FIRST]);
  expect(followed.port).toBeGreaterThan(0);
});

it('goes on trying where the port is taken, and says so once', async () => {
  const { answers, movedTo, now, port, clock, faults, moves } = await follow();
  const other = createServer((_request, response) => response.end('other'));
  await new Promise<void>((resolve) => other.listen(port, SECOND, resolve));
  await movedTo(SECOND);
  for (let look = 0; look < 5; look += 1) {
    await clock.advance(2_000);
    // Whether a port is free is asked of the system, which takes its time.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  expect(faults).toEqual(['gateway/port-taken']);
  expect(moves).toEqual([undefined]);
  await closeServer(other);
  now.address = SECOND;
  await expect
    .poll(async () => {
      await clock.advance(2_000);
      return moves.at(-1);
    })
    .toBe(SECOND);
  expect(await answers(SECOND)).toBe(SECOND);
});

it('holds no timer and no port once it was stopped', async () => {
  const { followed, clock, port } = await follow();
  const server = await followed.stop();
  expect(server?.address()).toMatchObject({ port });
  if (server !== undefined) await closeServer(server);
  expect(clock.pendingTimers).toBe(0);
  const refused = connect(port, FIRST);
  await new Promise((resolve) => refused.once('error', resolve));
  opened.length = 0;
});
