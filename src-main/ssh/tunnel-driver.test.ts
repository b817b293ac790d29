import { describe, expect, it } from 'vitest';

import { fail, type AppError } from '../contract/errors.ts';
import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { Clock } from '../platform/ports.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import type { DialRequest } from './dialer.ts';
import type { ChannelSource, Link, LinkProbe } from './link.ts';
import { createRetryPolicy } from './retry-policy.ts';
import type { Forward } from './tunnel-driver-deps.ts';
import { TunnelDriver } from './tunnel-driver.ts';

const well: LinkProbe = { sshMs: 1, forwardMs: 2, problem: undefined, isCertain: true };
const lostError = fail('ssh/connection-lost', { host: 'studio' });
const silent: LinkProbe = { sshMs: undefined, forwardMs: undefined, problem: lostError, isCertain: false };
const portClosed: LinkProbe = {
  sshMs: 1,
  forwardMs: undefined,
  problem: fail('ssh/forward-refused', { host: 'studio', address: '127.0.0.1:18789' }),
  isCertain: true,
};
const refused = () => fail('ssh/host-unreachable', { host: 'studio', port: 22, reason: 'refused' });
const rejected = () => fail('ssh/auth-rejected', { host: 'studio', user: 'ann', tried: ['id_rsa'] });

/** A line that answers probes as the test says, and that the test can cut. */
class ScriptedLink implements Link {
  readonly localAddress = '10.0.0.2';
  readonly description = { host: 'studio', port: 22, user: 'ann', signedInWith: 'id_ed25519' };
  readonly lost: Promise<AppError>;
  readonly isCongested = false;
  isAlive = true;
  isClosed = false;
  /** One that is not certain takes its whole limit. */
  answer: LinkProbe = well;
  probes = 0;
  /** It has given a sign of life since somebody began to watch. */
  flows = false;
  cut: () => void = () => {};
  readonly #clock: Clock;
  readonly #owed: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.lost = new Promise((resolve) => {
      this.cut = () => {
        this.isAlive = false;
        resolve(lostError);
      };
    });
  }

  async probe(limitMs: number, onSign: () => void = () => {}): Promise<LinkProbe> {
    this.probes += 1;
    const spoken = this.answer.isCertain ? this.answer : await this.#silence(limitMs);
    const answer = spoken ?? silent;
    if (answer.sshMs !== undefined) onSign();
    return answer;
  }

  /** Answers all that it has been asked. */
  speak(): void {
    this.answer = well;
    for (const answer of this.#owed.splice(0)) answer();
  }

  /** Ends with the line, as that of the real one does; with what it has said, if it has. */
  async #silence(limitMs: number): Promise<LinkProbe | undefined> {
    const end = Promise.withResolvers<LinkProbe | undefined>();
    const stopTimer = this.#clock.after(limitMs, () => end.resolve(undefined));
    this.#owed.push(() => end.resolve(well));
    void this.lost.then(() => end.resolve(undefined));
    const said = await end.promise;
    stopTimer();
    return said;
  }

  watchFlow(): () => boolean {
    return () => this.flows;
  }

  whenDrained(task: () => void): void {
    task();
  }

  openChannel(): Promise<never> {
    return Promise.reject(lostError);
  }

  toward(): ChannelSource {
    return this;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.cut();
    return Promise.resolve();
  }
}

function start(
  dial?: (request: DialRequest, number: number) => Promise<void>,
  prepare: (link: ScriptedLink) => void = () => {},
) {
  const clock = new FakeClock(1_000_000);
  const states: TunnelState[] = [];
  const probes: TunnelProbe[] = [];
  const links: ScriptedLink[] = [];
  const dialledAtMs: number[] = [];
  const forward = { mode: 'none', attached: undefined as ChannelSource | undefined, closed: 0, trouble: () => {} };
  const network = { addresses: ['10.0.0.2'] };
  const person = { isAsked: false };
  const driver = new TunnelDriver({
    isAsking: () => person.isAsked,
    readAddresses: () => network.addresses,
    dial: async (request) => {
      dialledAtMs.push(clock.now() - 1_000_000);
      await dial?.(request, dialledAtMs.length);
      const link = new ScriptedLink(clock);
      links.push(link);
      prepare(link);
      return link;
    },
    listen: (trouble): Promise<Forward> => {
      forward.trouble = trouble;
      return Promise.resolve({
        port: 18_789,
        held: 0,
        attach: (source) => Object.assign(forward, { mode: 'attached', attached: source }),
        hold: () => (forward.mode = 'holding'),
        refuse: () => (forward.mode = 'refusing'),
        close: () => {
          forward.closed += 1;
          return Promise.resolve();
        },
      });
    },
    policy: createRetryPolicy(() => 0),
    clock,
    log: nullLogger,
    onChange: (state) => states.push(state),
    onProbe: (probe) => probes.push(probe),
  });
  const seen = () => states.map((state) => state.status);
  const link = (index: number) => links[index] as ScriptedLink;
  driver.start();
  return { driver, clock, states, seen, probes, links, link, dialledAtMs, forward, network, person };
}

describe('a tunnel', () => {
  it('is connected once the remote port has answered, and tells how it signed in', async () => {
    const { driver, forward, link, probes } = start();
    expect(driver.state).toEqual({ status: 'connecting', attempt: 1, sinceMs: 1_000_000 });
    await settle();
    expect(driver.state).toEqual({ status: 'connected', localPort: 18_789, sinceMs: 1_000_000 });
    expect(driver.description?.signedInWith).toBe('id_ed25519');
    expect(forward.attached).toBe(link(0));
    expect(probes).toEqual([{ atMs: 1_000_000, sshMs: 1, forwardMs: 2 }]);
  });

  it.each<[string, (link: ScriptedLink) => void]>([
    ['the line only hums', (link) => (link.answer = { ...well, sshMs: undefined, forwardMs: undefined })],
    ['the line is cut although it had answered', (link) => link.cut()],
  ])('is not connected when %s', async (_what, spoil) => {
    const { driver, links } = start(undefined, spoil);
    await settle();
    expect(driver.state).toMatchObject({ status: 'waiting', cause: { code: 'ssh/connection-lost' } });
    expect(links.every((link) => link.isClosed)).toBe(true);
  });

  it('tells the host as soon as the configuration has spoken', async () => {
    const { driver } = start(({ onResolved }) => {
      onResolved({ host: 'studio', port: 22, user: 'ann', signedInWith: undefined });
      return new Promise(() => {});
    });
    await settle();
    expect(driver.description).toEqual({ host: 'studio', port: 22, user: 'ann', signedInWith: undefined });
  });

  it('dials at most every 300 ms for a minute, then every 5 s easing to 30 s, for ever', async () => {
    const { clock, dialledAtMs, driver, forward } = start(() => Promise.reject(refused()));
    await clock.advance(60_000);
    const gaps = dialledAtMs.slice(1).map((atMs, index) => atMs - (dialledAtMs[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300);
    const eager = dialledAtMs.length;
    await clock.advance(8 * 3_600_000);
    expect(dialledAtMs.length - eager).toBeLessThan((8 * 3_600) / 25);
    expect(driver.state.status).toBe('waiting');
    expect(forward.mode).toBe('holding');
  });

  it('dials no more than that when the clock is set back in a long outage', async () => {
    const { clock, dialledAtMs } = start(() => Promise.reject(refused()));
    await clock.advance(180_000);
    clock.set(clock.now() - 3_600_000);
    await clock.advance(70_000);
    const before = dialledAtMs.length;
    await clock.advance(600_000);
    expect(dialledAtMs.length - before).toBeLessThan(60);
  });

  it('asks the configuration afresh on the first attempt only, and sends fresh SYNs in the first minute only', async () => {
    const requests: DialRequest[] = [];
    const { clock } = start((request) => {
      requests.push(request);
      return Promise.reject(refused());
    });
    await clock.advance(400);
    expect(requests.map(({ afresh, pace }) => [afresh, pace])).toEqual([
      [true, { everyMs: 250, isPatient: true }],
      [false, { everyMs: 250, isPatient: false }],
      [false, { everyMs: 250, isPatient: false }],
    ]);
    await clock.advance(120_000);
    expect(requests.at(-1)?.pace).toBe('kernel');
  });

  it('replaces a line at once whose own address is gone', async () => {
    const { clock, seen, network, dialledAtMs } = start();
    await clock.advance(60_000);
    network.addresses = ['192.168.1.7'];
    await clock.advance(1_000);
    expect(seen().slice(-3)).toEqual(['waiting', 'connecting', 'connected']);
    expect(dialledAtMs).toHaveLength(2);
  });

  it('only asks a line again when another network came beside its own', async () => {
    const { clock, driver, network, dialledAtMs, probes } = start();
    await clock.advance(9_000);
    const before = probes.length;
    network.addresses = ['10.0.0.2', '192.168.1.7'];
    await clock.advance(600);
    expect(probes.length).toBe(before + 1);
    expect(driver.state.status).toBe('connected');
    expect(dialledAtMs).toHaveLength(1);
  });

  it('tries at once, and eagerly again, when the network comes back in a long outage', async () => {
    const { clock, network, dialledAtMs } = start((_request, number) =>
      number < 1_000 ? Promise.reject(refused()) : Promise.resolve(),
    );
    await clock.advance(3_600_000);
    network.addresses = ['192.168.1.7'];
    const before = dialledAtMs.length;
    await clock.advance(2_000);
    expect(dialledAtMs.length - before).toBeGreaterThan(4);
  });

  it('does not take a question away from somebody who is typing because another network came', async () => {
    const { clock, driver, network, person, dialledAtMs } = start(
      ({ signal }, number) =>
        new Promise((resolve, reject) => {
          if (number > 1) return resolve();
          signal.addEventListener('abort', () => reject(refused()));
          person.isAsked = true;
        }),
    );
    await clock.advance(10_000);
    network.addresses = ['10.0.0.2', '192.168.1.7'];
    await clock.advance(10_000);
    expect(dialledAtMs).toEqual([0]);
    person.isAsked = false;
    network.addresses = ['192.168.1.7'];
    await clock.advance(1_000);
    expect(driver.state.status).toBe('connected');
  });

  it('stops when only a person can help, lets nobody wait, and tries again when asked', async () => {
    const { driver, clock, dialledAtMs, forward } = start((_request, number) =>
      number === 1 ? Promise.reject(rejected()) : Promise.resolve(),
    );
    await clock.advance(3_600_000);
    expect(driver.state).toMatchObject({ status: 'failed', cause: { code: 'ssh/auth-rejected' } });
    expect(dialledAtMs).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    expect(forward.mode).toBe('refusing');
    driver.resume();
    await settle();
    expect(dialledAtMs).toHaveLength(1);
    driver.retryNow();
    await settle();
    expect(driver.state.status).toBe('connected');
  });

  it('redials at once when a line that had held is cut', async () => {
    const { driver, clock, link, dialledAtMs, forward } = start();
    await clock.advance(60_000);
    link(0).cut();
    await settle();
    expect(driver.state).toMatchObject({ status: 'waiting', attempt: 0, retryAtMs: 1_060_000 });
    expect(forward.mode).toBe('holding');
    await clock.advance(0);
    expect(dialledAtMs).toEqual([0, 60_000]);
    expect(forward.attached).toBe(link(1));
    expect(link(0).isClosed).toBe(true);
  });

  it('does not storm a server that accepts and hangs up', async () => {
    const { clock, links, dialledAtMs } = start();
    for (let passedMs = 0; passedMs < 60_000; passedMs += 50) {
      links.at(-1)?.cut();
      await clock.advance(50);
    }
    const early = dialledAtMs.length;
    expect(early).toBeLessThan(700);
    for (let step = 0; step < 60; step += 1) {
      links.at(-1)?.cut();
      await clock.advance(1_000);
    }
    expect(dialledAtMs.length - early).toBeLessThan(14);
  }, 20_000);

  it.each<[string, (request: DialRequest, number: number) => Promise<void>]>([
    ['and takes another', () => Promise.resolve()],
    ['even if there is no other', (_request, number) => (number > 1 ? Promise.reject(refused()) : Promise.resolve())],
  ])('gives a silent line up within 10 s, %s', async (_what, dial) => {
    const { driver, clock, link, states } = start(dial);
    await clock.advance(5_000);
    link(0).answer = silent;
    const before = states.length;
    await clock.advance(9_500);
    expect(states.length).toBeGreaterThan(before);
    await clock.advance(60_000);
    expect(link(0).isClosed).toBe(true);
    expect(driver.state.status).not.toBe('failed');
  });

  it('keeps a line that answers the second time, and dials nowhere else for it', async () => {
    const { driver, clock, link, dialledAtMs, seen } = start();
    await settle();
    link(0).answer = silent;
    await clock.advance(7_499);
    link(0).answer = well;
    await clock.advance(60_000);
    expect(driver.state).toMatchObject({ status: 'connected', sinceMs: 1_000_000 });
    expect(seen()).toEqual(['connecting', 'connected']);
    expect(dialledAtMs).toEqual([0]);
  });

  it('keeps SSH up while the remote port is closed, and only knocks there', async () => {
    const { driver, clock, link, dialledAtMs, states } = start();
    await clock.advance(10_000);
    link(0).answer = portClosed;
    await clock.advance(10_000);
    expect(driver.state).toMatchObject({ status: 'waiting', cause: { code: 'ssh/forward-refused' } });
    await clock.advance(5_000);
    expect(dialledAtMs).toHaveLength(1);
    link(0).answer = well;
    await clock.advance(500);
    expect(driver.state.status).toBe('connected');
    expect(dialledAtMs).toHaveLength(1);
    expect(states.filter((state) => state.status === 'failed')).toEqual([]);
  });

  it('dials again when the line is cut while it waits for the remote port', async () => {
    const { driver, clock, link, dialledAtMs } = start();
    await clock.advance(5_000);
    link(0).answer = portClosed;
    await clock.advance(5_100);
    expect(driver.state.status).toBe('waiting');
    link(0).cut();
    await clock.advance(500);
    expect(dialledAtMs).toHaveLength(2);
    expect(driver.state.status).toBe('connected');
  });

  it('asks the line at once when a connection stalls on it', async () => {
    const { driver, clock, link, forward, dialledAtMs } = start();
    await settle();
    link(0).answer = silent;
    for (let connection = 0; connection < 200; connection += 1) forward.trouble();
    expect(link(0).probes).toBe(2);
    await clock.advance(150);
    expect(dialledAtMs).toEqual([0, 150]);
    expect(driver.state.status).toBe('connected');
    expect(forward.attached).toBe(link(1));
  });
});

describe('a line in doubt', () => {
  /** Silent since 20 s, with somebody whose connection stalls. */
  async function doubted(dial?: (request: DialRequest, number: number) => Promise<void>) {
    const test = start(dial);
    await test.clock.advance(20_000);
    test.link(0).answer = silent;
    test.forward.trouble();
    return test;
  }
  const hanging = ({ signal }: DialRequest, number: number) =>
    number === 1
      ? Promise.resolve()
      : new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const offline = (_request: DialRequest, number: number) =>
    number === 1 ? Promise.resolve() : Promise.reject(refused());

  it('is asked and has a head start of 150 ms; then another is dialled', async () => {
    const { clock, dialledAtMs, seen } = await doubted(hanging);
    await clock.advance(149);
    expect(dialledAtMs).toHaveLength(1);
    await clock.advance(1);
    expect(dialledAtMs).toHaveLength(2);
    expect(seen()).toEqual(['connecting', 'connected']);
  });

  it('stays when it answers first, with the other dial ended and nothing told to anybody', async () => {
    const signals: AbortSignal[] = [];
    const test = start((request, number) => {
      signals.push(request.signal);
      return hanging(request, number);
    });
    await test.clock.advance(20_000);
    test.link(0).answer = silent;
    test.forward.trouble();
    await test.clock.advance(1_000);
    test.link(0).speak();
    await test.clock.advance(1_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, true]);
    expect(test.seen()).toEqual(['connecting', 'connected']);
    expect(test.links).toHaveLength(1);
  });

  it('is replaced by the other when that is there first, and has 2 s more to speak', async () => {
    const { clock, link, forward, seen, driver } = await doubted();
    await clock.advance(150);
    expect(seen()).toEqual(['connecting', 'connected', 'connecting', 'connected']);
    expect(driver.state).toMatchObject({ sinceMs: 1_020_150 });
    expect(forward.attached).toBe(link(1));
    await clock.advance(2_149);
    expect(link(0).isClosed).toBe(false);
    await clock.advance(1);
    expect(link(0).isClosed).toBe(true);
  });

  it('is kept for a minute more for its streams when it speaks too late', async () => {
    const { clock, link, forward } = await doubted();
    await clock.advance(150);
    expect(forward.attached).toBe(link(1));
    await clock.advance(100);
    link(0).speak();
    await clock.advance(59_900);
    expect(link(0).isClosed).toBe(false);
    await clock.advance(100);
    expect(link(0).isClosed).toBe(true);
    expect(link(1).isClosed).toBe(false);
  });

  it('is preferred to the other when bytes of it were under way', async () => {
    const { clock, link, forward, seen } = await doubted();
    link(0).flows = true;
    await clock.advance(150);
    expect(seen()).toEqual(['connecting', 'connected']);
    expect(link(1).isClosed).toBe(true);
    expect(forward.attached).toBe(link(0));
  });

  it('is dialled beside again and again while the network is away', async () => {
    const { clock, dialledAtMs, seen } = await doubted(offline);
    await clock.advance(1_900);
    expect(dialledAtMs.length).toBeGreaterThan(6);
    expect(seen()).toEqual(['connecting', 'connected']);
    await clock.advance(100);
    expect(seen().slice(2)).toEqual(['waiting']);
  });

  it('comes back with all its streams after an outage that nothing else survived', async () => {
    const { clock, link, driver, forward } = await doubted(offline);
    await clock.advance(20_000);
    expect(driver.state.status).toBe('waiting');
    link(0).speak();
    await settle();
    expect(driver.state).toMatchObject({ status: 'connected', sinceMs: 1_040_000 });
    expect(forward.attached).toBe(link(0));
    expect(link(0).isClosed).toBe(false);
  });

  it('is closed when an outage is longer than anybody is held', async () => {
    const { clock, link } = await doubted(offline);
    await clock.advance(31_999);
    expect(link(0).isClosed).toBe(false);
    await clock.advance(1);
    expect(link(0).isClosed).toBe(true);
  });

  it('may still answer when the other was refused for good; only with its silence the tunnel fails', async () => {
    const { clock, driver, link, dialledAtMs } = await doubted((_request, number) =>
      number === 1 ? Promise.resolve() : Promise.reject(rejected()),
    );
    await clock.advance(1_900);
    expect(driver.state.status).toBe('connected');
    await clock.advance(100);
    expect(driver.state).toMatchObject({ status: 'failed', cause: { code: 'ssh/auth-rejected' } });
    await clock.advance(60_000);
    expect(dialledAtMs).toHaveLength(2);
    expect(link(0).isClosed).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('hands over at once to the dial that runs when it breaks', async () => {
    const { clock, link, dialledAtMs, seen } = await doubted(hanging);
    await clock.advance(200);
    link(0).cut();
    await clock.advance(1_000);
    expect(seen().slice(2)).toEqual(['connecting']);
    expect(dialledAtMs).toHaveLength(2);
  });

  it('leaves nothing behind when the tunnel is stopped', async () => {
    const { clock, driver, links } = await doubted(hanging);
    await clock.advance(500);
    await driver.stop();
    expect(clock.pendingTimers).toBe(0);
    expect(links.every((link) => link.isClosed)).toBe(true);
  });

  it('is one of three at most that are waited for', async () => {
    const { clock, links, forward } = start((request, number) =>
      number > 9 ? hanging(request, number) : Promise.resolve(),
    );
    for (let round = 0; round < 8; round += 1) {
      await clock.advance(30_000);
      links.at(-1)!.answer = silent;
      forward.trouble();
      await clock.advance(200);
      links.at(-1)!.answer = well;
    }
    expect(links.filter((link) => !link.isClosed).length).toBeLessThanOrEqual(4);
  });
});

describe('sleep', () => {
  it('ends timers and attempts, and leaves the line alone', async () => {
    const { driver, clock, link } = start();
    await settle();
    driver.suspend();
    expect(clock.pendingTimers).toBe(0);
    expect(link(0).isClosed).toBe(false);
    clock.sleep(3_600_000);
    driver.resume();
    await settle();
    expect(link(0).probes).toBe(2);
    expect(driver.state).toMatchObject({ status: 'connected', sinceMs: 1_000_000 });
  });

  it.each([
    ['20 ms after a long one', 3_600_000, 20],
    ['150 ms after a short one', 3_000, 150],
  ])('lets a silent line be dialled beside %s', async (_what, sleepMs, headStartMs) => {
    const { driver, clock, link, dialledAtMs, forward } = start();
    await settle();
    driver.suspend();
    link(0).answer = silent;
    clock.sleep(sleepMs);
    driver.resume();
    await clock.advance(200);
    expect(dialledAtMs).toEqual([0, sleepMs + headStartMs]);
    expect(driver.state.status).toBe('connected');
    expect(forward.attached).toBe(link(1));
  });

  it('may be told of by several without more dials or questions', async () => {
    const { driver, clock, link, dialledAtMs } = start();
    await clock.advance(1_000);
    link(0).answer = silent;
    clock.sleep(60_000);
    driver.resume();
    driver.resume();
    await clock.advance(160);
    driver.resume();
    expect(dialledAtMs).toHaveLength(2);
    expect(link(0).probes).toBeLessThanOrEqual(3);
  });

  it('in the head start of a line in doubt loses neither the question nor the dial that follows', async () => {
    const { driver, clock, link, dialledAtMs, forward } = start();
    await settle();
    link(0).answer = silent;
    driver.retryNow();
    driver.suspend();
    clock.sleep(3_600_000);
    driver.resume();
    await clock.advance(200);
    expect(dialledAtMs).toEqual([0, 3_600_000]);
    expect(driver.state.status).toBe('connected');
    expect(forward.attached).toBe(link(1));
  });

  it('in the head start of a line that is well after all ends with that line', async () => {
    const { driver, clock, link, dialledAtMs, forward } = start();
    await settle();
    link(0).answer = silent;
    driver.retryNow();
    driver.suspend();
    link(0).answer = well;
    clock.sleep(100);
    driver.resume();
    await clock.advance(500);
    expect(dialledAtMs).toEqual([0]);
    expect(forward.mode).toBe('attached');
  });

  it('is over for whoever starts again what was stopped meanwhile', async () => {
    const { driver, dialledAtMs } = start();
    await settle();
    driver.suspend();
    await driver.stop();
    driver.start();
    await settle();
    expect(driver.state.status).toBe('connected');
    expect(dialledAtMs).toHaveLength(2);
  });

  it('is noticed from the clock when nobody tells', async () => {
    const { clock, link } = start();
    await clock.advance(1_000);
    clock.sleep(60_000);
    await clock.advance(1_000);
    expect(link(0).probes).toBe(2);
  });

  it('interrupts an attempt quietly, and waking starts a new one', async () => {
    const aborted: boolean[] = [];
    const { driver, clock, seen } = start(({ signal }, number) =>
      number > 1
        ? Promise.resolve()
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted.push(true);
              reject(signal.reason as Error);
            });
          }),
    );
    await settle();
    driver.suspend();
    await settle();
    expect(aborted).toEqual([true]);
    expect(clock.pendingTimers).toBe(0);
    driver.resume();
    await settle();
    expect(seen()).toEqual(['connecting', 'connecting', 'connected']);
  });

  it('begins the backoff afresh', async () => {
    const { driver, clock, dialledAtMs } = start(() => Promise.reject(refused()));
    await clock.advance(600_000);
    driver.suspend();
    expect(clock.pendingTimers).toBe(0);
    clock.sleep(1_000);
    driver.resume();
    const before = dialledAtMs.length;
    await clock.advance(1_000);
    expect(dialledAtMs.length - before).toBeGreaterThanOrEqual(3);
  });
});

describe('stopping', () => {
  it.each<[string, (test: ReturnType<typeof start>) => Promise<void>, () => Promise<void>]>([
    ['connected', () => settle(), () => Promise.resolve()],
    ['waiting', ({ clock }) => clock.advance(5_000), () => Promise.reject(refused())],
    ['failed', () => settle(), () => Promise.reject(rejected())],
    ['suspended', async ({ driver }) => (await settle(), driver.suspend()), () => Promise.resolve()],
  ])('leaves nothing pending when it is %s', async (_what, prepare, dial) => {
    const test = start(dial);
    await prepare(test);
    await test.driver.stop();
    await settle();
    expect(test.driver.state).toEqual({ status: 'stopped' });
    expect(test.clock.pendingTimers).toBe(0);
    expect(test.forward.closed).toBe(1);
    expect(test.links.every((link) => link.isClosed)).toBe(true);
  });

  it('does not wait for what a new and silent line was asked', async () => {
    const { driver, clock, links, forward } = start(undefined, (link) => (link.answer = silent));
    await settle();
    expect(links).toHaveLength(1);
    void driver.stop();
    await settle();
    expect(driver.state).toEqual({ status: 'stopped' });
    expect([clock.pendingTimers, forward.closed]).toEqual([0, 1]);
  });

  it('closes a line that arrives too late, and hears nothing from it', async () => {
    let arrive: () => void = () => {};
    const { driver, seen, link } = start(() => new Promise((resolve) => (arrive = resolve)));
    await settle();
    const stopped = driver.stop();
    arrive();
    await stopped;
    expect(link(0).isClosed).toBe(true);
    expect(seen()).toEqual(['connecting', 'stopping', 'stopped']);
  });

  it('and starting at once ends with a new line', async () => {
    const { driver, seen, forward } = start();
    await settle();
    const stopped = driver.stop();
    driver.start();
    await stopped;
    await settle();
    expect(seen()).toEqual(['connecting', 'connected', 'stopping', 'stopping', 'connecting', 'connected']);
    expect(forward.closed).toBe(1);
  });
});
