import { describe, expect, it } from 'vitest';

import { fail, type AppError } from '../contract/errors.ts';
import type { TunnelProbe, TunnelState } from '../contract/tunnel.ts';
import type { Clock } from '../platform/ports.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import type { DialRequest } from './dialer.ts';
import type { ChannelSource, Link, LinkProbe } from './link.ts';
import { createRetryPolicy } from './retry-policy.ts';
import { TunnelDriver, type Forward } from './tunnel-driver.ts';

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
  cut: () => void = () => {};
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.lost = new Promise((resolve) => {
      this.cut = () => {
        this.isAlive = false;
        resolve(lostError);
      };
    });
  }

  async probe(limitMs: number): Promise<LinkProbe> {
    this.probes += 1;
    const { answer } = this;
    if (!answer.isCertain) await new Promise<void>((resolve) => this.#clock.after(limitMs, resolve));
    return answer;
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
  const driver = new TunnelDriver({
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
  return { driver, clock, states, seen, probes, links, link, dialledAtMs, forward, network };
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

  it('asks the configuration afresh on the first attempt only, and sends fresh SYNs on the later ones', async () => {
    const requests: DialRequest[] = [];
    const { clock } = start((request) => {
      requests.push(request);
      return Promise.reject(refused());
    });
    await clock.advance(400);
    expect(requests.map(({ afresh, isEager }) => [afresh, isEager])).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
    await clock.advance(120_000);
    expect(requests.at(-1)?.isEager).toBe(false);
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

  it('gives the line up after two unanswered probes', async () => {
    const { driver, clock, link, dialledAtMs } = start();
    await clock.advance(9_000);
    link(0).answer = silent;
    await clock.advance(1_000 + 4_000 + 3_999);
    expect(driver.state.status).toBe('connected');
    await clock.advance(1);
    expect(dialledAtMs).toEqual([0, 18_000]);
  });

  it('keeps a line that answers the second time', async () => {
    const { driver, clock, link } = start();
    await settle();
    link(0).answer = silent;
    await clock.advance(13_999);
    link(0).answer = well;
    await clock.advance(60_000);
    expect(driver.state).toMatchObject({ status: 'connected', sinceMs: 1_000_000 });
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
    const { driver, clock, link, forward } = start();
    await settle();
    link(0).answer = silent;
    for (let connection = 0; connection < 200; connection += 1) forward.trouble();
    expect(link(0).probes).toBe(2);
    await clock.advance(2_000);
    await clock.advance(200);
    expect(link(0).isClosed).toBe(true);
    expect(driver.state.status).toBe('connected');
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

  it('costs the line when that does not answer within 2 s', async () => {
    const { driver, clock, link, dialledAtMs } = start();
    await settle();
    driver.suspend();
    link(0).answer = silent;
    clock.sleep(3_600_000);
    driver.resume();
    await clock.advance(2_000);
    expect(driver.state.status).toBe('connected');
    expect(dialledAtMs).toEqual([0, 3_602_000]);
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
