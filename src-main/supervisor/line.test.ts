import { expect, it } from 'vitest';

import { GatewayClient } from '../gateway-client/gateway-client.ts';
import type { GatewaySession } from '../gateway-client/gateway-session.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { Line } from './line.ts';
import { lineState } from './line-view.ts';
import type { Path, PathState } from './path.ts';
import { sshFacts } from './testing/facts.ts';

/** A path that is where the test puts it. */
class ScriptedPath implements Path {
  readonly ssh = undefined;
  readonly url = undefined;
  state: PathState = { status: 'off' };
  readonly asked: string[] = [];
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  become(state: PathState): void {
    this.state = state;
    this.#onChange();
  }

  start(): void {
    this.asked.push('start');
  }

  suspend(): void {
    this.asked.push('suspend');
    this.become({ status: 'off' });
  }

  resume(): void {
    this.asked.push('resume');
  }

  async stop(): Promise<void> {
    this.asked.push('stop');
    this.become({ status: 'off' });
  }
}

const ready = (port: number): PathState => ({
  status: 'ready',
  sinceMs: 0,
  url: `ws://127.0.0.1:${port}`,
  attached: false,
});

function createLine() {
  const clock = new FakeClock(1_000);
  const urls: string[] = [];
  let path: ScriptedPath | undefined;
  const line = new Line({
    identity: sshFacts.identity,
    createPath: (onChange) => (path = new ScriptedPath(onChange)),
    createClient: (endpoint, onChange) =>
      new GatewayClient({
        open: async () => session(urls, endpoint().url),
        clock,
        log: nullLogger,
        random: () => 0,
        onChange,
      }),
    clock,
    onChange: () => {},
  });
  return { line, path: path!, clock, urls };
}

function session(urls: string[], url: string): GatewaySession {
  urls.push(url);
  const lost = Promise.withResolvers<unknown>();
  return {
    hello: { version: '1', protocol: 4, startedAtMs: 0, presence: [] },
    lost: lost.promise,
    request: async () => ({ ok: true }),
    giveUp: () => {},
    close: async () => lost.resolve(undefined),
  };
}

it('connects the client only once the path is ready', async () => {
  const { line, path, urls } = createLine();
  line.start();
  await settle();
  expect([path.asked, urls]).toEqual([['start'], []]);
  path.become(ready(1));
  await settle();
  expect(urls).toEqual(['ws://127.0.0.1:1']);
  expect(lineState(line.facts()).status).toBe('connected');
});

it('drops the client with the path and connects anew when it is back', async () => {
  const { line, path, urls } = createLine();
  line.start();
  path.become(ready(1));
  await settle();
  path.become({ status: 'connecting', sinceMs: 1, attempt: 1 });
  await settle();
  expect(line.facts().client.status).toBe('stopped');
  path.become(ready(1));
  await settle();
  expect(urls).toHaveLength(2);
});

it('is quiet while the computer sleeps, and goes on after it', async () => {
  const { line, path } = createLine();
  line.start();
  path.become(ready(1));
  await settle();
  line.suspend();
  await settle();
  expect(line.facts().client.status).toBe('stopped');
  line.resume();
  path.become(ready(1));
  await settle();
  expect(path.asked).toEqual(['start', 'suspend', 'resume']);
  expect(lineState(line.facts()).status).toBe('connected');
});

it('asks the gateway at once when the clock shows that the computer slept', async () => {
  const { line, path, clock } = createLine();
  line.start();
  path.become(ready(1));
  await clock.advance(1_000);
  const before = line.facts().samples.length;
  clock.sleep(60_000);
  await clock.advance(2_000);
  expect(line.facts().samples.length).toBe(before + 1);
});

it('leaves it to the path to notice a sleep that nothing announced', async () => {
  const { line, path, clock } = createLine();
  line.start();
  path.become(ready(1));
  await clock.advance(1_000);
  clock.sleep(60_000);
  await clock.advance(2_000);
  expect(path.asked).toEqual(['start']);
});

it('goes on after an announced sleep whose end nothing announced', async () => {
  const { line, path, clock } = createLine();
  line.start();
  path.become(ready(1));
  await clock.advance(1_000);
  line.suspend();
  clock.sleep(60_000);
  await clock.advance(2_000);
  expect(path.asked).toEqual(['start', 'suspend', 'resume']);
});

it('does not wake up a line that nobody wants', () => {
  const { line, path } = createLine();
  line.resume();
  expect(path.asked).toEqual([]);
});

it('has nothing pending once it is stopped', async () => {
  const { line, path, clock } = createLine();
  line.start();
  path.become(ready(1));
  await settle();
  await line.stop();
  expect(clock.pendingTimers).toBe(0);
  expect(lineState(line.facts())).toEqual({ status: 'off' });
});

it('follows a gateway to another address, though nothing said that the old one is dead', async () => {
  const { line, path, urls } = createLine();
  line.start();
  path.become(ready(1));
  await settle();
  path.become(ready(2));
  await settle();
  expect(urls).toEqual(['ws://127.0.0.1:1', 'ws://127.0.0.1:2']);
  await line.stop();
});
