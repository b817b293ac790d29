import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ExposureView, ExposureWish, OpenRoute, RouteRequest } from '../contract/exposure.ts';
import { toErrorInfo } from '../contract/errors.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { ProgramSigns } from '../platform/ports.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { ExposureMemory } from './exposure-memory.ts';
import { Exposure } from './exposure.ts';
import { TailscaleClient } from './tailscale-client.ts';
import { FakeTailscale, type Fault } from './testing/fake-tailscale.ts';
import { MemoryFiles } from './testing/memory-files.ts';

type Gateway = Pick<GatewayRunOptions, 'bind' | 'auth' | 'tailscale'>;

const PASSWORD = 'correct-horse-battery-staple';
const MEMORY = '/kept/exposure.json';
const HOUR = 3_600_000;

let tailscale: FakeTailscale;
let clock: FakeClock;
let files: MemoryFiles;
let opened: RouteRequest[];
let openRoutes: Set<number>;
let kept: ExposureWish[];
let killed: number[];
let all: Exposure[];

beforeEach(() => {
  tailscale = new FakeTailscale();
  clock = new FakeClock(Date.UTC(2026, 0, 1));
  files = new MemoryFiles();
  opened = [];
  openRoutes = new Set();
  kept = [];
  killed = [];
  leftover = [];
  sought = [];
  all = [];
  interfaceOfTailscale = '100.64.0.5';
  ownAnswer = () => {
    throw new Error('no certificate yet');
  };
});
afterEach(async () => {
  await Promise.all(all.map((exposure) => exposure.stop()));
  const left = [tailscale.claims.length, openRoutes.size, clock.pendingTimers];
  if (left.some((count) => count > 0)) throw new Error(`claims, routes and timers left: ${left.join(', ')}`);
});

const gatewayWith = (change: Partial<Gateway['tailscale']> = {}, auth?: Gateway['auth']): Gateway => ({
  bind: 'loopback',
  auth: auth ?? { mode: 'password', password: PASSWORD },
  tailscale: { mode: 'off', port: 443, resetOnExit: true, allowIdentity: true, allowedUserIds: [], ...change },
});

const wish = (mode: ExposureWish['mode'], change: Partial<ExposureWish> = {}): ExposureWish => ({
  mode,
  port: 443,
  untilMs: undefined,
  ...change,
});

function create(gateway: Gateway = gatewayWith()): { readonly exposure: Exposure; readonly views: ExposureView[] } {
  const views: ExposureView[] = [];
  const env = { GANGWAY_TAILSCALE: process.execPath, GANGWAY_TAILSCALE_SOCKET: '/nowhere/ts.sock' };
  const exposure = new Exposure(gateway, {
    client: new TailscaleClient({ runner: tailscale, log: nullLogger, env, platform: 'linux' }),
    companions: tailscale,
    clock,
    log: nullLogger,
    random: () => 0.5,
    uptime: clock,
    asker: { platform: 'linux', userName: 'ann', isAdministrator: true },
    openRoute: async (request) => openRoute(request),
    ask: async () => ownAnswer(),
    ownAddresses: () => ['127.0.0.1', interfaceOfTailscale],
    memory: new ExposureMemory(MEMORY, files),
    leftover: {
      finder: {
        find: async (signs) => {
          sought.push(signs);
          return leftover;
        },
      },
      clock,
      log: nullLogger,
      kill: (pid) => {
        killed.push(pid);
        leftover = [];
      },
    },
    keep: async (next) => void kept.push(next),
    onChange: (view) => views.push(view),
  });
  all.push(exposure);
  return { exposure, views };
}

/** What answers at the route's own address, where there is an interface that leads there. */
let ownAnswer: () => number;
let interfaceOfTailscale = '100.64.0.5';

/** Which programs of an earlier run are found, and how they were looked for. */
let leftover: readonly number[] = [];
let sought: ProgramSigns[] = [];

function openRoute(request: RouteRequest): OpenRoute {
  opened.push(request);
  const port = 40_000 + opened.length;
  openRoutes.add(port);
  return { port, visitors: () => [], close: async () => void openRoutes.delete(port) };
}

/** In real time: the socket that is not there is looked for each time. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}: ${JSON.stringify(all.at(-1)?.view)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const statusOf = (exposure: Exposure): string => exposure.view.state.status;
const isOpen = (exposure: Exposure) => until('the route', () => statusOf(exposure) === 'active');

/** The same, with time that goes on: an attempt may have begun before things were well again. */
const reopens = (exposure: Exposure) =>
  until('the route', () => {
    if (statusOf(exposure) === 'active') return true;
    void clock.advance(500);
    return false;
  });

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'fine',
    (error: unknown) => toErrorInfo(error).code,
  );
}

describe('a wish', () => {
  it('is carried out on a listener of its own, proven, and given back', async () => {
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    expect(exposure.view).toMatchObject({
      wish: { mode: 'serve' },
      state: { status: 'active', mode: 'serve', url: 'https://laptop.tail1f3a.ts.net' },
    });
    expect(opened).toMatchObject([{ mode: 'serve', host: 'laptop.tail1f3a.ts.net' }]);
    expect(tailscale.calls).toContain('serve --yes --bg=false --https=443 http://127.0.0.1:40001');
    await exposure.stop();
    expect([tailscale.claims, files.texts.size]).toEqual([[], 0]);
  });

  it('names another port than 443 in its address', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel', { port: 8443 }));
    expect(exposure.view.state).toMatchObject({ url: 'https://laptop.tail1f3a.ts.net:8443' });
    expect(opened[0]?.host).toBe('laptop.tail1f3a.ts.net:8443');
    expect(tailscale.claims[0]?.AllowFunnel).toEqual({ 'laptop.tail1f3a.ts.net:8443': true });
  });

  it('of nothing touches neither Tailscale nor a file', async () => {
    const { exposure } = create();
    await exposure.start();
    await exposure.expose(wish('off'));
    await exposure.reload(gatewayWith());
    expect([tailscale.calls, files.texts.size]).toEqual([[], 0]);
  });

  it('of the configuration is carried out at the start, and by a change of it', async () => {
    const { exposure } = create(gatewayWith({ mode: 'serve' }));
    await exposure.start();
    await isOpen(exposure);
    await exposure.reload(gatewayWith({ mode: 'funnel' }));
    await isOpen(exposure);
    expect(tailscale.claims).toHaveLength(1);
    expect(tailscale.claims[0]).toHaveProperty('AllowFunnel');
    await exposure.reload(gatewayWith());
    expect([statusOf(exposure), tailscale.claims]).toEqual(['off', []]);
  });

  it('outlasts the run where that is wanted, and otherwise does not', async () => {
    const { exposure } = create(gatewayWith({ resetOnExit: false }));
    await exposure.expose(wish('serve'));
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    await exposure.expose(wish('off'));
    // A Funnel with an end is for this run alone.
    expect(kept).toEqual([wish('serve'), wish('off')]);
    kept = [];
    await create().exposure.expose(wish('serve'));
    expect(kept).toEqual([]);
  });
});

it('of the command line is carried out, and an edit of the configuration that says the same as before changes nothing', async () => {
  const { exposure } = create(gatewayWith({ mode: 'serve', given: 'serve' }));
  await exposure.start();
  await isOpen(exposure);
  await exposure.expose(wish('off'));
  await exposure.reload(gatewayWith({ mode: 'serve', given: 'serve', allowIdentity: false }));
  expect(statusOf(exposure)).toBe('off');
  await exposure.reload(gatewayWith({ mode: 'off', given: 'serve' }));
  await exposure.reload(gatewayWith({ mode: 'serve', given: 'serve' }));
  await isOpen(exposure);
});

it('is not taken for another wish when it comes back from the configuration it was written to', async () => {
  const { exposure } = create(gatewayWith({ resetOnExit: false }));
  await exposure.expose(wish('serve'));
  await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
  await exposure.reload(gatewayWith({ mode: 'serve', resetOnExit: false }));
  expect([exposure.view.wish.mode, opened.length]).toEqual(['funnel', 2]);
});

describe('what cannot be', () => {
  it.each<[string, (fake: FakeTailscale) => void, string]>([
    ['signed out', (fake) => (fake.backendState = 'NeedsLogin'), 'tailscale/signed-out'],
    ['switched off', (fake) => (fake.backendState = 'Stopped'), 'tailscale/stopped'],
    ['not approved', (fake) => (fake.backendState = 'NeedsMachineAuth'), 'tailscale/needs-approval'],
    ['starting', (fake) => (fake.dnsName = ''), 'tailscale/starting'],
    ['not running', (fake) => (fake.isUp = false), 'tailscale/not-answering'],
    ['too old', (fake) => (fake.version = '1.90.4'), 'tailscale/too-old'],
    ['without names', (fake) => (fake.hasMagicDns = false), 'tailscale/no-magic-dns'],
    ['without certificates', (fake) => (fake.capabilities = ['funnel']), 'tailscale/no-https'],
    ['taken', (fake) => (fake.background = { TCP: { 443: { TCPForward: 'x:1' } } }), 'tailscale/port-taken'],
  ])('is refused before anything is begun: %s', async (_name, set, code) => {
    set(tailscale);
    const { exposure } = create();
    expect(await codeOf(exposure.expose(wish('serve')))).toBe(code);
    expect([statusOf(exposure), opened, files.texts.size]).toEqual(['off', [], 0]);
    expect(tailscale.calls.filter((call) => call.includes('--bg'))).toEqual([]);
  });

  it.each<[Gateway, ExposureWish, string]>([
    [
      gatewayWith({}, { mode: 'token', token: 'a-token-that-is-long-enough' }),
      wish('funnel'),
      'tailscale/needs-password',
    ],
    [gatewayWith({}, { mode: 'password', password: 'changeme-changeme' }), wish('funnel'), 'tailscale/needs-password'],
    [gatewayWith({}, { mode: 'none' }), wish('serve'), 'tailscale/needs-secret'],
    [gatewayWith({}, { mode: 'token', token: 'short' }), wish('serve'), 'tailscale/needs-secret'],
    [{ ...gatewayWith(), bind: 'lan' }, wish('serve'), 'tailscale/bind-not-loopback'],
    [gatewayWith(), wish('funnel', { port: 9999 }), 'tailscale/funnel-port'],
  ])('is refused because of the gateway, %#', async (gateway, asked, code) => {
    const { exposure } = create(gateway);
    expect(await codeOf(exposure.expose(asked))).toBe(code);
    expect(tailscale.calls.filter((call) => call.includes('--bg'))).toEqual([]);
  });

  it('puts back what was open, when the other cannot be opened', async () => {
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    tailscale.fail({ on: 'funnel', stderr: 'sending serve config: Access denied: serve config denied', exitCode: 1 });
    const refused = await exposure.expose(wish('funnel')).catch((error: unknown) => toErrorInfo(error));
    expect(refused).toMatchObject({ code: 'tailscale/put-back', params: { mode: 'serve' } });
    await isOpen(exposure);
    expect(exposure.view.wish).toEqual(wish('serve'));
    expect(tailscale.claims).toHaveLength(1);
  });

  it('puts back what was open, when something else answers at its address', async () => {
    ownAnswer = () => 502;
    const { exposure } = create();
    const refused = await exposure.expose(wish('serve')).catch((error: unknown) => toErrorInfo(error));
    expect(refused).toMatchObject({
      code: 'tailscale/put-back',
      params: { mode: 'off', cause: expect.stringContaining('the answer was 502') },
    });
    expect([statusOf(exposure), tailscale.claims]).toEqual(['off', []]);
  });

  it('waits at the start until Tailscale runs, and begins by itself', async () => {
    tailscale.backendState = 'Starting';
    const { exposure } = create(gatewayWith({ mode: 'serve' }));
    await exposure.start();
    await until('the first attempt', () => statusOf(exposure) === 'waiting');
    expect(exposure.view.state).toMatchObject({ cause: { code: 'tailscale/starting' } });
    tailscale.backendState = 'Running';
    await reopens(exposure);
  });
});

it('has its devices counted only while it is open to them', async () => {
  const { exposure } = create();
  expect([await exposure.devices(), tailscale.calls]).toEqual([undefined, []]);
  await exposure.expose(wish('serve'));
  expect(await exposure.devices()).toMatchObject({ others: 0, online: 0 });
  await exposure.expose(wish('funnel'));
  expect(await exposure.devices()).toBeUndefined();
  expect(tailscale.calls.filter((call) => call === 'status --json')).toHaveLength(1);
});

describe('an open route', () => {
  it('is not asked for where Tailscale has no interface', async () => {
    interfaceOfTailscale = '192.0.2.7';
    ownAnswer = () => 502;
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    await clock.advance(120_000);
    expect(exposure.view.state).toMatchObject({ status: 'active', answeredAtMs: undefined });
  });

  it('says when it has answered at its own address, and is lost when something else does', async () => {
    ownAnswer = () => 200;
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    expect(exposure.view.state).toMatchObject({ answeredAtMs: clock.now() });
    ownAnswer = () => 502;
    await until('the loss', () => {
      void clock.advance(5_000);
      return statusOf(exposure) === 'waiting';
    });
    expect(exposure.view.state).toMatchObject({ cause: { code: 'tailscale/not-answered' } });
  });

  const lossOf: Readonly<Record<string, (fake: FakeTailscale) => void>> = {
    'its program is killed': (fake) => fake.companions[0]?.exit(undefined),
    'somebody resets the routes': (fake) => fake.reset(),
    'the daemon is killed': (fake) => {
      fake.crash();
      fake.isUp = true;
    },
    'Tailscale is switched off': (fake) => (fake.backendState = 'Stopped'),
    'the computer is renamed': (fake) => (fake.dnsName = 'desk.tail1f3a.ts.net'),
    'certificates are no longer allowed': (fake) => (fake.capabilities = []),
  };

  it.each(Object.entries(lossOf))('is called lost within 5 s when %s', async (_name, lose) => {
    const { exposure, views } = create();
    await exposure.expose(wish('serve'));
    const isLost = (): boolean => views.some(({ state }) => state.status === 'waiting' || state.status === 'failed');
    lose(tailscale);
    for (let second = 0; second < 5 && !isLost(); second += 1) {
      await clock.advance(1_000);
      await settle();
    }
    await until('the loss', isLost);
    tailscale.backendState = 'Running';
    tailscale.capabilities = ['https'];
    if (statusOf(exposure) === 'failed') await exposure.expose(wish('serve'));
    await reopens(exposure);
    expect([tailscale.claims.length, openRoutes.size]).toEqual([1, 1]);
  });

  it('is told as lost with why, and opened again on another listener', async () => {
    const { exposure, views } = create();
    await exposure.expose(wish('serve'));
    tailscale.reset();
    await until('the loss', () => statusOf(exposure) === 'waiting');
    expect(exposure.view.state).toMatchObject({ cause: { code: 'tailscale/claim-lost' } });
    await reopens(exposure);
    expect(opened.map(({ mode }) => mode)).toEqual(['serve', 'serve']);
    expect(views.map(({ state }) => state.status)).not.toContain('failed');
  });

  it('is left to whoever took the port meanwhile', async () => {
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    tailscale.reset();
    tailscale.background = {
      TCP: { 443: { HTTPS: true } },
      Web: { 'x:443': { Handlers: { '/': { Proxy: 'other' } } } },
    };
    const before = JSON.stringify(tailscale.background);
    await until('the loss', () => statusOf(exposure) === 'waiting');
    await until('the refusal', () => {
      void clock.advance(500);
      return statusOf(exposure) === 'failed';
    });
    expect(exposure.view.state).toMatchObject({ cause: { code: 'tailscale/port-taken', params: { holder: 'other' } } });
    await clock.advance(HOUR);
    expect([statusOf(exposure), JSON.stringify(tailscale.background)]).toEqual(['failed', before]);
  });

  it('is closed before the gateway asks for less', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel'));
    await exposure.reload(gatewayWith({}, { mode: 'token', token: 'a-token-that-is-long-enough' }));
    expect([statusOf(exposure), tailscale.claims]).toEqual(['off', []]);
  });

  it('is closed at once, even while another is being opened', async () => {
    const { exposure } = create();
    tailscale.fail({ on: 'serve', hangs: true });
    const opening = codeOf(exposure.expose(wish('serve')));
    await until('the attempt', () => tailscale.calls.some((call) => call.startsWith('serve --yes')));
    await exposure.expose(wish('off'));
    expect([statusOf(exposure), tailscale.claims]).toEqual(['off', []]);
    expect(await opening).toBe('tailscale/claim-lost');
  });
});

describe('a Funnel with an end', () => {
  it('closes on time, and goes back to the Serve it came from', async () => {
    const { exposure } = create();
    await exposure.expose(wish('serve'));
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    expect(exposure.view).toMatchObject({ before: 'serve', wish: { mode: 'funnel' } });
    await clock.advance(HOUR - 1);
    expect(exposure.view.wish.mode).toBe('funnel');
    await clock.advance(1);
    await until('the end', () => exposure.view.wish.mode === 'serve');
    await isOpen(exposure);
    expect(tailscale.claims[0]).not.toHaveProperty('AllowFunnel');
  });

  it('is put off without being closed', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    await exposure.expose(wish('funnel', { untilMs: clock.now() + 2 * HOUR }));
    await clock.advance(HOUR + 1_000);
    expect([exposure.view.wish.mode, opened.length]).toEqual(['funnel', 1]);
    await clock.advance(HOUR);
    await until('the end', () => exposure.view.wish.mode === 'off');
  });

  it('closes after the time that was meant when the clock is set back, shows when, and says why', async () => {
    const { exposure, views } = create();
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    await clock.advance(HOUR / 2);
    clock.set(-5 * HOUR);
    await clock.advance(10_000);
    expect(views.at(-1)?.wish.untilMs).toBe(clock.now() + HOUR / 2 - 10_000);
    await clock.advance(HOUR / 2 - 10_001);
    expect(exposure.view.wish.mode).toBe('funnel');
    await clock.advance(1);
    await until('the end', () => statusOf(exposure) === 'off');
    expect(exposure.view.ended).toBe('clock-back');
    await exposure.expose(wish('serve'));
    expect(exposure.view.ended).toBeUndefined();
  });

  it('closes early when the clock is set forward', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    clock.set(HOUR);
    await clock.advance(5_000);
    await until('the end', () => statusOf(exposure) === 'off');
    expect(exposure.view.ended).toBe('clock-ahead');
  });

  it('has no more time when it was switched away from, and the clock was set back meanwhile', async () => {
    const { exposure } = create();
    const asked = wish('funnel', { untilMs: clock.now() + HOUR });
    await exposure.expose(asked);
    await exposure.expose(wish('serve'));
    await clock.advance(HOUR);
    clock.set(-HOUR);
    await exposure.expose(asked);
    expect([exposure.view.wish.mode, tailscale.claims]).toEqual(['off', []]);
  });

  it('closes within half a minute of a wake, when its time passed in sleep', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    clock.sleep(2 * HOUR);
    await clock.advance(30_000);
    await until('the end', () => statusOf(exposure) === 'off');
    expect(tailscale.claims).toEqual([]);
  });
});

describe('after a crash', () => {
  /** Everything of a run but its clean end. */
  async function crashed(asked: ExposureWish, gateway = gatewayWith()): Promise<void> {
    const { exposure } = create(gateway);
    await exposure.start();
    await exposure.expose(asked);
    const text = files.texts.get(MEMORY) ?? '';
    await exposure.stop();
    files.texts.set(MEMORY, text);
  }

  function withoutClosing(): void {
    const noted = JSON.parse(files.texts.get(MEMORY) ?? '') as object;
    files.texts.set(MEMORY, JSON.stringify({ ...noted, closing: undefined }));
  }

  it('goes on with what was open, a Funnel until its time', async () => {
    await crashed(wish('funnel', { untilMs: clock.now() + HOUR }));
    const { exposure } = create();
    await exposure.start();
    await isOpen(exposure);
    expect(exposure.view.wish).toMatchObject({ mode: 'funnel' });
    await clock.advance(HOUR);
    await until('the end', () => statusOf(exposure) === 'off');
    expect(files.texts.size).toBe(0);
  });

  it('does not open a Funnel whose time is over', async () => {
    await crashed(wish('funnel', { untilMs: clock.now() + HOUR }));
    clock.sleep(HOUR);
    const { exposure } = create();
    await exposure.start();
    expect([statusOf(exposure), files.texts.size]).toEqual(['off', 0]);
  });

  it.each<[string, () => void, string]>([
    ['whose time has passed, though the clock was set back', () => (clock.sleep(HOUR), clock.set(-HOUR)), 'clock-back'],
    ['after a restart with a clock that went back', () => (clock.reboot(60_000), clock.set(-HOUR)), 'clock-unsure'],
    ['after a restart that took its whole time', () => clock.reboot(HOUR), 'on-time'],
    ['of a version that did not write down how much was left', () => withoutClosing(), 'clock-unsure'],
  ])('does not open a Funnel %s', async (_what, happens, ended) => {
    await crashed(wish('funnel', { untilMs: clock.now() + HOUR }));
    happens();
    const { exposure } = create();
    await exposure.start();
    expect([statusOf(exposure), exposure.view.ended, files.texts.size]).toEqual(['off', ended, 0]);
  });

  it('opens a Funnel for what was left of its time a minute ago at most, when a restart lost the time of day', async () => {
    const { exposure } = create();
    await exposure.expose(wish('funnel', { untilMs: clock.now() + HOUR }));
    await clock.advance(50 * 60_000);
    const text = files.texts.get(MEMORY) ?? '';
    await exposure.stop();
    files.texts.set(MEMORY, text);
    clock.reboot(0);
    const next = create().exposure;
    await next.start();
    await isOpen(next);
    expect((next.view.wish.untilMs ?? 0) - clock.now()).toBeLessThanOrEqual(11 * 60_000);
    await clock.advance(11 * 60_000);
    await until('the end', () => statusOf(next) === 'off');
  });

  it('leaves closed what a person has closed, though the configuration opens it', async () => {
    await crashed(wish('off'), gatewayWith({ mode: 'serve' }));
    const { exposure } = create(gatewayWith({ mode: 'serve' }));
    await exposure.start();
    expect([statusOf(exposure), tailscale.claims]).toEqual(['off', []]);
  });

  it('does what the command line says: off, though the configuration has always said so', async () => {
    await crashed(wish('serve'));
    const { exposure } = create(gatewayWith({ given: 'off' }));
    await exposure.start();
    expect([statusOf(exposure), tailscale.claims, files.texts.size]).toEqual(['off', [], 0]);
  });

  it('does what the configuration says, when that was changed since', async () => {
    await crashed(wish('funnel'));
    const { exposure } = create(gatewayWith({ mode: 'serve' }));
    await exposure.start();
    await isOpen(exposure);
    expect(exposure.view.wish.mode).toBe('serve');
  });

  it('ends the program that holds the old route, and waits until Tailscale has noticed', async () => {
    await crashed(wish('serve'));
    const target = 'http://127.0.0.1:40001';
    tailscale.background = {
      TCP: { 443: { HTTPS: true } },
      Web: { 'x:443': { Handlers: { '/': { Proxy: target } } } },
    };
    leftover = [4711];
    const { exposure, views } = create();
    const starting = exposure.start();
    await until('the end of it', () => killed.length > 0);
    await until('the daemon to be asked', () => clock.pendingTimers > 0);
    tailscale.background = {};
    await clock.advance(100);
    await starting;
    await isOpen(exposure);
    expect([killed, sought[0]]).toEqual([[4711], { folder: '/nowhere', lastWord: target }]);
    expect(views.map(({ state }) => state.status)).not.toContain('failed');
  });

  it('finds a program that was started in the very moment', async () => {
    tailscale.fail({ on: 'serve', hangs: true, claims: true });
    const { exposure } = create();
    const opening = codeOf(exposure.expose(wish('serve')));
    await until('the program', () => tailscale.claims.length > 0);
    const noted = JSON.parse(files.texts.get(MEMORY) ?? '') as { readonly claim: unknown };
    expect(noted.claim).toEqual({ folder: '/nowhere', target: 'http://127.0.0.1:40001' });
    await exposure.stop();
    expect(await opening).toBe('tailscale/claim-lost');
  });

  it('is not confused by a memory that cannot be read', async () => {
    files.texts.set(MEMORY, '{ "wish": 1');
    const { exposure } = create();
    await exposure.start();
    expect([statusOf(exposure), tailscale.calls]).toEqual(['off', []]);
  });
});

describe('a fault of Tailscale', () => {
  const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
    'hangs when it is asked': [{ on: 'status', hangs: true }],
    'gives no JSON': [{ on: 'status', stdout: 'The Tailscale GUI failed to start' }],
    'gives half of its JSON': [{ on: 'serve status', stdout: '{"TCP":' }],
    'has no backend': [{ on: 'status', stderr: 'Got error: 503 Service Unavailable: no backend', exitCode: 1 }],
    'is used by somebody else': [
      { on: 'status', stderr: String.raw`401 Unauthorized: Tailscale already in use by DOM\bob, pid 7`, exitCode: 1 },
    ],
    'crashes with the claim': [{ on: 'serve', stderr: 'panic: nil pointer dereference', exitCode: 2 }],
    'is ready and ends': [{ on: 'serve', stdout: 'Press Ctrl+C to exit.', exitCode: 0 }],
    'is ready without a route': [{ on: 'serve', stdout: 'Press Ctrl+C to exit.', hangs: true }],
    'ends without a word': [{ on: 'serve', exitCode: 1 }],
    'never gets ready': [{ on: 'serve', hangs: true, claims: true }],
    'has lost a race': [
      { on: 'serve', stderr: 'sending serve config: Preconditions failed: etag mismatch', exitCode: 1 },
    ],
    'wants to be allowed first, and ends well': [
      { on: 'serve', stdout: 'To enable, visit:\n\n   https://login.tailscale.com/f/serve?node=n1', exitCode: 0 },
    ],
    'wants to be allowed first, and waits': [
      { on: 'serve', stdout: 'https://login.tailscale.com/f/serve?node=n1', hangs: true },
    ],
    'does not take orders': [{ on: 'serve', stderr: 'Access denied: serve config denied', exitCode: 1 }],
  };

  it.each(Object.entries(FAULTS))('is a state and no more: it %s', async (_name, faults) => {
    tailscale.fail(...faults);
    const { exposure, views } = create(gatewayWith({ mode: 'serve' }));
    await exposure.start();
    const isToldOf = (): boolean => views.some(({ state }) => state.status === 'waiting' || state.status === 'failed');
    await until('the fault', () => {
      // Time goes on: some faults are seen only by it.
      if (!isToldOf()) void clock.advance(500);
      return isToldOf();
    });
    // Nothing of the attempt is left, and it was never called open.
    expect(views.find(({ state }) => state.status === 'active')).toBeUndefined();
    await until('the end of the attempt', () => tailscale.claims.length === 0 && openRoutes.size === 0);
    tailscale.heal();
    if (statusOf(exposure) === 'failed') await exposure.expose(wish('serve'));
    await reopens(exposure);
    expect(tailscale.calls.filter((call) => /reset|--bg(?!=false)|\boff\b/.test(call))).toEqual([]);
  });
});
