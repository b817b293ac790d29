import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import type { OpenRoute, Tailnet, TailnetPeer } from '../../contract/exposure.ts';
import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { Authenticator } from '../auth/authenticator.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { RunningGateway } from '../gateway.ts';
import { ingressFault } from '../http/refusals.ts';
import { admit } from '../protocol/admission.ts';
import { IngressReader } from '../server/ingress.ts';
import type { Listener } from '../server/listener.ts';
import { connectParams, controlUi, cli, runOptions, startTestGateway, TOKEN } from '../testing/gateway-harness.ts';
import { ANN, ann, HOST, TestTailnet } from '../testing/test-tailnet.ts';
import { IdentityCheck } from './identity.ts';

// Every header of Tailscale in every way a program on this computer could write it. One combination of all is the
// owner, in a browser, by Serve; whoever is let in otherwise got past a check.

type Values = readonly string[];
interface Header {
  readonly name: string;
  /** The first is as Tailscale writes it; no values are no header. */
  readonly ways: Readonly<Record<string, Values>> & { readonly right: Values };
}

const HEADERS: readonly Header[] = [
  {
    name: 'host',
    ways: {
      right: [HOST],
      absent: [],
      wrong: ['127.0.0.1'],
      doubled: [HOST, HOST],
      malformed: [`${HOST}:0443`],
      alike: [`${HOST}.evil.example`],
    },
  },
  {
    name: 'x-forwarded-host',
    ways: {
      right: [HOST],
      absent: [],
      wrong: ['evil.example'],
      doubled: [HOST, HOST],
      malformed: [''],
      alike: [`${HOST}.`],
    },
  },
  {
    name: 'x-forwarded-for',
    ways: {
      right: [ANN],
      absent: [],
      wrong: ['100.64.0.3'],
      doubled: [ANN, ANN],
      malformed: [`${ANN}, ${ANN}`],
      alike: [`::ffff:${ANN}`],
      internet: ['203.0.113.7'],
      loopback: ['127.0.0.1'],
      self: ['100.64.0.1'],
      padded: [`0${ANN}`],
      long: ['fd7a:115c:a1e0:0:0:0:0:1'],
    },
  },
  {
    name: 'x-forwarded-proto',
    ways: {
      right: ['https'],
      absent: [],
      wrong: ['http'],
      doubled: ['https', 'https'],
      malformed: ['https,'],
      alike: ['HTTPS'],
    },
  },
  {
    name: 'tailscale-user-login',
    ways: {
      right: [ann.login],
      absent: [],
      wrong: ['bob@example.com'],
      doubled: [ann.login, ann.login],
      malformed: [`${ann.login},`],
      alike: ['\u00e0nn@example.com'],
    },
  },
  {
    name: 'tailscale-funnel-request',
    ways: { right: [], present: ['?1'], wrong: ['?0'], doubled: ['?1', '?1'], malformed: ['1'], empty: [''] },
  },
  {
    name: 'origin',
    ways: {
      right: [`https://${HOST}`],
      absent: [],
      wrong: ['https://evil.example'],
      doubled: [`https://${HOST}`, `https://${HOST}`],
      malformed: ['null'],
      alike: [`https://${HOST}.evil.example`],
    },
  },
];

type Forged = ReadonlyMap<string, Values>;
const RIGHT: Forged = new Map(HEADERS.map(({ name, ways }) => [name, ways.right]));

/** Every way to write up to `most` of the headers wrongly. */
function* forgeries(most: number, from: readonly Header[] = HEADERS, base: Forged = RIGHT): Generator<Forged> {
  const [header, ...rest] = from;
  if (header === undefined) return yield base;
  for (const [way, values] of Object.entries(header.ways)) {
    if (way !== 'right' && most === 0) continue;
    yield* forgeries(way === 'right' ? most : most - 1, rest, new Map([...base, [header.name, values]]));
  }
}

const bob: TailnetPeer = { ...ann, userId: '2' };
const SELF = '100.64.0.1';
/** The address that is asked about is the phone's; another is Bob's, and this computer is of course its owner's. */
const answers = (ofPhone: () => Promise<TailnetPeer | undefined>, own: Partial<TestTailnet['me']> = {}): Tailnet => {
  const { me } = new TestTailnet();
  const whois = (address: string): Promise<TailnetPeer | undefined> =>
    address === ANN ? ofPhone() : Promise.resolve(address === SELF ? ann : { ...bob, login: 'bob@example.com' });
  return { whois, self: () => Promise.resolve({ ...me, ...own }) };
};
const never = new Promise<never>(() => {});

/** The first is the only one for which anybody is let in. */
const WHOIS: Readonly<Record<string, Tailnet>> = {
  owner: answers(() => Promise.resolve(ann)),
  'another user of the same name': answers(() => Promise.resolve(bob)),
  'a tagged device': answers(() => Promise.resolve({ ...ann, isTagged: true })),
  'this computer': answers(() => Promise.resolve(ann), { addresses: [ANN, SELF] }),
  'a computer that is nobody’s': answers(() => Promise.resolve(ann), { userId: undefined }),
  nobody: answers(() => Promise.resolve(undefined)),
  'no answer': answers(() => Promise.reject(new Error('daemon is gone'))),
  'a slow answer': answers(() => never),
};

const LISTENERS: Readonly<Record<string, Listener>> = {
  serve: { kind: 'serve', address: '127.0.0.1', host: HOST, scheme: 'https' },
  funnel: { kind: 'funnel', address: '127.0.0.1', host: HOST, scheme: 'https' },
  main: { kind: 'bind', bind: 'loopback', address: '127.0.0.1' },
};

/** Clients that show no secret. */
const CLIENTS = {
  'the page': { client: controlUi },
  'a node': { client: { ...cli, id: 'node-host', mode: 'node' }, role: 'node' },
  'the page as a node': { client: controlUi, role: 'node' },
  'the command line': { client: cli },
  'another program under the name of the page': { client: { ...controlUi, mode: 'ui' } },
} as const;

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (!isRoot) console.warn('not run as root on Linux: no program of another user can be tried');

/** The decisions of a gateway, without its sockets. */
function decisions() {
  const clock = new FakeClock();
  const authenticator = new Authenticator({ mode: 'token', token: TOKEN }, runOptions.rateLimit, clock);
  const reader = new IngressReader({ trustedProxies: [], ownHosts: [] });
  const devices = new Proxy({} as DeviceRegistry, {
    get: () => {
      throw new Error('who shows no secret is asked about its device');
    },
  });
  const ingressOf = (forged: Forged, listener: Listener) => reader.read(toRequest(forged), listener);
  const isLetIn = async (forged: Forged, at: { listener: Listener; tailnet: Tailnet; client: object }) => {
    const ingress = ingressOf(forged, at.listener);
    if (ingressFault(ingress, 'token') !== undefined) return false;
    const check = new IdentityCheck({
      clock,
      log: nullLogger,
      rules: () => ({ allowIdentity: true, allowedUserIds: [] }),
      tailnetOf: () => at.tailnet,
      ownerOf: () => Promise.resolve({ status: 'known', uid: 0 }),
      ownUid: 1_000,
    });
    const outcome = admit(
      { ...connectParams, auth: undefined, ...at.client },
      { ingress, nonce: 'n' },
      {
        authenticator,
        devices,
        allowedOrigins: () => [],
        approvesLocal: () => true,
        nowMs: () => clock.now(),
        identify: (each) => check.identify(each),
      },
    );
    if (at.tailnet === WHOIS['a slow answer']) await clock.advance(5_000);
    return (await outcome).status === 'admitted';
  };
  return { isLetIn, ingressOf, clock };
}

/** What a server hands over; the first of several lines counts where Node keeps one, as it does. */
function toRequest(forged: Forged): IncomingMessage {
  const sent = [...forged].filter(([, values]) => values.length > 0);
  const socket = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2 };
  const headers = sent.map(([name, values]) => [name, name === 'host' ? values[0] : values.join(', ')]);
  const request = { socket, headers: Object.fromEntries(headers), headersDistinct: Object.fromEntries(sent) };
  return request as unknown as IncomingMessage;
}

const page = CLIENTS['the page'];
const isRight = (forged: Forged): boolean => HEADERS.every(({ name, ways }) => forged.get(name) === ways.right);
const show = (forged: Forged): string =>
  HEADERS.map(({ name }) => `${name}: ${JSON.stringify(forged.get(name))}`).join('\n');

describe('of everything a program could write, without a secret', () => {
  it('one combination of up to three forged headers, three listeners and eight answers is let in', async () => {
    const { isLetIn, clock } = decisions();
    const letIn: string[] = [];
    let count = 0;
    for (const forged of forgeries(3)) {
      for (const [kind, listener] of Object.entries(LISTENERS)) {
        // Whoever asks is told apart by its headers first; all answers are tried where some could still be let in.
        const tried = kind === 'serve' ? Object.entries(WHOIS) : [['owner', WHOIS['owner'] as Tailnet] as const];
        for (const [who, tailnet] of tried) {
          count += 1;
          if (await isLetIn(forged, { listener, tailnet, client: page }))
            letIn.push(`${kind}, ${who}\n${show(forged)}`);
        }
      }
    }
    expect(letIn).toEqual([`serve, owner\n${show(RIGHT)}`]);
    expect(count).toBeGreaterThan(60_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('nobody is let in with any number of forged headers, whoever is asked', async () => {
    const { isLetIn } = decisions();
    const random = seeded(1);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const letIn: string[] = [];
    for (let round = 0; round < 5_000; round += 1) {
      const forged = new Map(HEADERS.map(({ name, ways }) => [name, pick(Object.values(ways))]));
      const [who, tailnet] = pick(Object.entries(WHOIS));
      const [kind, listener] = pick(Object.entries(LISTENERS));
      const [name, client] = pick(Object.entries(CLIENTS));
      const isLegitimate = isRight(forged) && who === 'owner' && kind === 'serve' && client === page;
      if ((await isLetIn(forged, { listener, tailnet, client })) !== isLegitimate) {
        letIn.push(`${kind}, ${who}, ${name}\n${show(forged)}`);
      }
    }
    expect(letIn).toEqual([]);
  });

  it.each(Object.keys(CLIENTS))('only the page is let in for who it is: %s', async (name) => {
    const { isLetIn } = decisions();
    const client = CLIENTS[name as keyof typeof CLIENTS];
    for (const [who, tailnet] of Object.entries(WHOIS)) {
      for (const [kind, listener] of Object.entries(LISTENERS)) {
        const isLegitimate = client === page && who === 'owner' && kind === 'serve';
        expect([kind, who, await isLetIn(RIGHT, { listener, tailnet, client })]).toEqual([kind, who, isLegitimate]);
      }
    }
  });

  it('nothing that comes by a route is ever taken for a program on this computer', () => {
    const { ingressOf } = decisions();
    for (const forged of forgeries(2)) {
      for (const listener of [LISTENERS['serve'], LISTENERS['funnel']] as Listener[]) {
        const { isLocal, isForwarded, routeFault, client } = ingressOf(forged, listener);
        expect([isLocal, isForwarded]).toEqual([false, true]);
        expect(routeFault === undefined && client === '127.0.0.1').toBe(false);
      }
    }
  });
});

describe('over real sockets', () => {
  let gateway: RunningGateway;
  let ports: Readonly<Record<string, number>>;
  const routes: OpenRoute[] = [];
  beforeAll(async () => {
    const password = 'correct horse battery staple';
    gateway = await startTestGateway({ auth: { mode: 'password', password } });
    for (const mode of ['serve', 'funnel'] as const) {
      routes.push(await gateway.openRoute({ mode, host: HOST, tailnet: new TestTailnet() }));
    }
    ports = { serve: routes[0]?.port ?? 0, funnel: routes[1]?.port ?? 0, main: gateway.port };
  });
  afterAll(() => gateway.stop('test is over'));

  /** `open`, or the status with which it was refused. `through`: another program that makes the connection. */
  function upgrade(port: number, forged: Forged, through?: ChildProcess): Promise<string | number> {
    const headers = Object.fromEntries(
      [...forged].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
    );
    const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
    const { stdout: readable, stdin: writable } = through ?? { stdout: null, stdin: null };
    const other = readable && writable && Duplex.from({ readable, writable });
    const options = { headers: Object.fromEntries(sent), ...(other && { createConnection: () => other }) };
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, options as never);
    return new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.once('message', () => {
        socket.send(
          JSON.stringify({
            type: 'req',
            id: '1',
            method: 'connect',
            params: { ...connectParams, client: controlUi, auth: undefined },
          }),
        );
        socket.once('message', (data: Buffer) => {
          const { ok } = JSON.parse(data.toString('utf8')) as { ok: boolean };
          resolve(ok ? 'open' : 'refused');
          socket.close();
        });
      });
    });
  }

  it.each(['serve', 'funnel', 'main'])('one forged header is as good as all of them: %s', async (kind) => {
    const letIn: string[] = [];
    for (const forged of forgeries(1)) {
      // A client that writes no Host of its own gets one from its library, which is another.
      if ((await upgrade(ports[kind] ?? 0, forged)) === 'open') letIn.push(show(forged));
    }
    expect(letIn).toEqual(kind === 'serve' ? [show(RIGHT)] : []);
  });

  it.runIf(isRoot)('a program of another user is refused, however rightly it writes, and ours is not', async () => {
    const { serve: port = 0 } = ports;
    const asUser = (uid: number): ChildProcess =>
      spawn('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3 & exec cat >&3`], { uid, cwd: '/' });
    for (const [uid, outcome] of [
      [65_534, 'refused'],
      [0, 'open'],
    ] as const) {
      const program = asUser(uid);
      const ended = once(program, 'exit');
      expect([uid, await upgrade(port, RIGHT, program)]).toEqual([uid, outcome]);
      program.stdin?.end();
      await ended;
    }
  });

  it.each(['serve', 'funnel', 'main'])('who it is opens no HTTP: %s', async (kind) => {
    for (const path of ['/v1/models', '/tools/invoke', '/api/channels/x', '/api/channels']) {
      const response = await fetchAs(ports[kind] ?? 0, path);
      expect([path, [401, 403].includes(response)]).toEqual([path, true]);
    }
  });

  function fetchAs(port: number, path: string): Promise<number> {
    const headers = Object.fromEntries(
      [...RIGHT].flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
    );
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });
  }
});

/** The same numbers each time, so that a failure can be seen again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
