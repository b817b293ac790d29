import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';

import type { RunningCli } from '../support/cli.ts';
import { startCli } from '../support/cli.ts';
import { Trouble, type NewFault } from './support/faulty.ts';
import { startGateway, tailscaleEnv, test, urlOf } from './support/fixtures.ts';
import { violations, type Mode } from './support/invariants.ts';
import type { Computer } from './support/tailnet.ts';
import { asControlUi, Visitor } from './support/visitor.ts';
import { callsOf, Witness } from './support/witness.ts';

// Everything that can go wrong with Tailscale, with Serve, with Funnel and while it is off; after each, all invariants
// are checked. Real programs cannot be made to do it.

const ALLOWED = ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=443,8443'];
const ENABLE =
  '\nServe is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/serve?node=n1\n\n';

interface Case {
  readonly what: string;
  /** Sets the scene before the gateway starts. */
  readonly scene: (trouble: Trouble, mode: Mode, gw: Computer) => void | Promise<void>;
  /** Ends what `Trouble` does not end by itself. */
  readonly mend?: (gw: Computer) => Promise<void>;
  /** What is told first; `active` where the fault is overcome in silence. */
  readonly told: 'waiting' | 'failed' | 'active';
  readonly code?: string;
  /** It really is open for a moment, and may be told to be. */
  readonly flashes?: boolean;
  /** Whether the route comes by itself once the fault is over. */
  readonly recovers?: boolean;
}
/** What the program that claims does. */
const claimFault = (fault: Record<string, unknown>) => (trouble: Trouble, mode: Mode) =>
  trouble.faults({ ...fault, on: mode } as NewFault);
const said = (stderr: string, code = 1) => claimFault({ kind: 'exit', code, stderr, times: 0 });
const state = (backendState: string) => (trouble: Trouble) => trouble.state({ backendState });
const daemonFault = (fault: NewFault) => (trouble: Trouble) => trouble.faults(fault);

const CASES: readonly Case[] = [
  { what: 'it is switched off', scene: state('Stopped'), told: 'waiting', code: 'tailscale/stopped', recovers: true },
  {
    what: 'it is signed out',
    scene: state('NeedsLogin'),
    told: 'waiting',
    code: 'tailscale/signed-out',
    recovers: true,
  },
  {
    what: 'it waits for approval',
    scene: state('NeedsMachineAuth'),
    told: 'waiting',
    code: 'tailscale/needs-approval',
    recovers: true,
  },
  { what: 'it starts', scene: state('Starting'), told: 'waiting', code: 'tailscale/starting', recovers: true },
  { what: 'it knows no state', scene: state('NoState'), told: 'waiting', code: 'tailscale/starting', recovers: true },
  {
    what: 'it has not heard of its tailnet',
    scene: daemonFault({ on: 'api:status', kind: 'patch', json: { CurrentTailnet: null }, times: 0 }),
    told: 'waiting',
    code: 'tailscale/starting',
    recovers: true,
  },
  {
    what: 'it has no backend',
    scene: daemonFault({ on: 'api:status', kind: 'answer', status: 503, body: 'no backend\n', times: 0 }),
    told: 'waiting',
    code: 'tailscale/not-answering',
    recovers: true,
  },
  {
    what: 'its daemon is not there',
    scene: (_trouble, _mode, gw) => gw.killDaemon(),
    mend: (gw) => gw.startDaemon(),
    told: 'waiting',
    code: 'tailscale/not-answering',
    recovers: true,
  },
  {
    what: 'its daemon never answers',
    scene: daemonFault({ on: 'api:status', kind: 'hang', times: 0 }),
    told: 'waiting',
    code: 'tailscale/not-answering',
    recovers: true,
  },
  {
    what: 'its daemon breaks off in the middle',
    scene: daemonFault({ on: 'api:serve-config', kind: 'cut', times: 3 }),
    told: 'waiting',
    recovers: true,
  },
  {
    what: 'its daemon says what is no JSON',
    scene: daemonFault({ on: 'api:status', kind: 'answer', status: 200, body: '{"BackendState":', times: 0 }),
    told: 'waiting',
    code: 'tailscale/claim-failed',
    recovers: true,
  },
  {
    what: 'its status is a megabyte long',
    scene: daemonFault({ on: 'api:status', kind: 'patch', json: { Health: ['x'.repeat(1_000_000)] }, times: 0 }),
    told: 'active',
  },
  {
    what: 'it is too old',
    scene: (trouble) => trouble.state({ version: { cli: '1.90.1', daemon: '1.90.1' } }),
    told: 'failed',
    code: 'tailscale/too-old',
  },
  {
    what: 'its program is newer than its daemon',
    scene: (trouble) => trouble.state({ version: { cli: '1.104.0', daemon: '1.102.3' } }),
    told: 'active',
  },
  {
    what: 'its program is older than its daemon',
    scene: (trouble) => trouble.state({ version: { cli: '1.98.10', daemon: '1.102.3' } }),
    told: 'active',
  },
  {
    // Neither of the two would refuse a port that is taken: the claim would hide the route of another program.
    what: 'its daemon is too old for its program',
    scene: (trouble) => trouble.state({ version: { cli: '1.102.3', daemon: '1.90.1' } }),
    told: 'failed',
    code: 'tailscale/too-old',
  },
  {
    what: 'it lets nobody in',
    scene: (trouble) => trouble.state({ prefs: { shieldsUp: true, operatorUser: '' } }),
    told: 'failed',
    code: 'tailscale/shields-up',
  },
  {
    what: 'we may not change routes',
    scene: (trouble) => trouble.state({ isReadOnly: true }),
    told: 'failed',
    code: 'tailscale/not-permitted',
  },
  {
    what: 'somebody else is signed in',
    scene: said('401 Unauthorized: Tailscale already in use by HOME\\ann, pid 3\n'),
    told: 'failed',
    code: 'tailscale/used-by-another',
  },
  {
    what: 'its program crashes',
    scene: claimFault({ kind: 'exit', code: 2, stderr: 'panic: nil pointer\n' }),
    told: 'waiting',
    recovers: true,
  },
  {
    what: 'its program ends before it is ready',
    scene: claimFault({ kind: 'exit', code: 1 }),
    told: 'waiting',
    recovers: true,
  },
  {
    what: 'the tailnet has to allow it, and its program ends well',
    scene: claimFault({ kind: 'exit', code: 0, stdout: ENABLE, times: 0 }),
    told: 'failed',
    code: 'tailscale/no-https',
  },
  {
    what: 'the tailnet has to allow it, and its program waits for ever',
    scene: claimFault({ kind: 'hang', stdout: ENABLE, ignoresTerm: true, times: 0 }),
    told: 'failed',
    code: 'tailscale/no-https',
  },
  {
    what: 'another program was quicker with the same port',
    scene: daemonFault({ on: 'api:watch-ipn-bus', kind: 'foreign-claim', port: 443 }),
    told: 'failed',
    code: 'tailscale/port-taken',
  },
  {
    what: 'another program changes the routes at the same time',
    scene: daemonFault({
      on: 'api:set-serve-config',
      kind: 'answer',
      status: 412,
      body: '{"error":"etag mismatch"}',
    }),
    told: 'waiting',
    recovers: true,
  },
  {
    what: 'the route is gone as soon as it is ready',
    scene: daemonFault({ on: 'ready', kind: 'die-when-ready', code: 0 }),
    told: 'waiting',
    flashes: true,
    recovers: true,
  },
  { what: 'its program speaks in pieces', scene: claimFault({ kind: 'split', bytes: 7, ms: 5 }), told: 'active' },
  { what: 'its program is slow', scene: claimFault({ kind: 'delay', ms: 1_500 }), told: 'active' },
  { what: 'its program does not want to end', scene: claimFault({ kind: 'ignore-term' }), told: 'active' },
];

for (const mode of ['serve', 'funnel', 'off'] as const) {
  test.describe(`${mode}, and`, () => {
    for (const { what, scene, mend, told, code, flashes, recovers } of CASES) {
      test(what, async ({ net, home }) => {
        const { tailnet, gw } = net;
        await tailnet.allow(gw, ALLOWED);
        using trouble = new Trouble(gw);
        const isOff = mode === 'off';
        await using witness = await Witness.start(net, mode, home, () => scene(trouble, mode, gw));
        const { gateway } = witness;
        let isMended = false;
        const mended = async (): Promise<void> => {
          trouble[Symbol.dispose]();
          if (!isMended) await mend?.(gw);
          isMended = true;
        };
        await witness.look();
        if (!isOff) {
          const line = await gateway.waitForJson(({ exposure }) => exposure === told);
          if (code !== undefined) expect(line).toMatchObject({ cause: { code } });
          witness.openedTooEarly = told !== 'active' && flashes !== true && exposures(gateway).includes('active');
        }
        await witness.look();
        if (!isOff && recovers === true) {
          await mended();
          await expect.poll(() => exposures(gateway).at(-1), { timeout: 30_000 }).toBe('active');
        }
        if (!isOff && (told === 'active' || recovers === true)) await witness.lookThrough(callsOf(gw));
        expect(violations(await witness.finish(() => callsOf(gw), mended))).toEqual([]);
      });
    }
  });
}

test('the program is missing, or is none', async ({ net, home }) => {
  const { gw } = net;
  const notExecutable = join(home, 'tailscale');
  await writeFile(notExecutable, '', { mode: 0o600 });
  for (const GANGWAY_TAILSCALE of ['/nowhere/tailscale', notExecutable]) {
    const env = { ...tailscaleEnv(gw), GANGWAY_TAILSCALE };
    await using gateway = startCli(['gateway', '--port', '0', '--json', '--tailscale', 'serve'], { home, env });
    const line = await gateway.waitForJson(({ exposure }) => exposure === 'failed');
    expect(line).toMatchObject({ cause: { code: 'tailscale/not-installed' } });
    await expectGatewayRuns(gateway);
  }
});

test('nothing of Tailscale is touched while it is off', async ({ net, home }) => {
  using trouble = new Trouble(net.gw);
  trouble.faults({ on: 'api:status', kind: 'hang', times: 0 });
  await using gateway = startGateway(home, net.gw);
  await expectGatewayRuns(gateway);
  expect(await gateway.stop('SIGTERM')).toBe(0);
  expect(trouble.calls).toEqual([]);
});

// The real daemon gives up on a reader that fell behind (closeLaggingWatchSessionLocked in ipn/ipnlocal/local.go), but 1600
// changes of its settings were not enough for that.
for (const [what, loose] of [
  ['its reader fell behind', (trouble: Trouble) => trouble.lag()],
  ['somebody resets all routes', (_trouble: Trouble, gw: Computer) => gw.tailscale('serve', 'reset')],
] as const) {
  test(`a route that is lost because ${what} is claimed again`, async ({ net, home }) => {
    const { gw } = net;
    using trouble = new Trouble(gw);
    await using gateway = startGateway(home, gw, '--tailscale', 'serve');
    await gateway.waitForJson(({ exposure }) => exposure === 'active');
    await loose(trouble, gw);
    await gateway.waitForJson(({ exposure }) => exposure === 'waiting');
    await expect.poll(() => exposures(gateway).slice(-1)).toEqual(['active']);
    expect(await gateway.stop('SIGTERM')).toBe(0);
    expect(await gw.serveConfig()).toEqual({});
  });
}

test('a sign-out while it is open is noticed, though the program runs on', async ({ net, home }) => {
  const { gw } = net;
  using trouble = new Trouble(gw);
  await using gateway = startGateway(home, gw, '--tailscale', 'serve');
  await gateway.waitForJson(({ exposure }) => exposure === 'active');
  await gw.tailscale('logout');
  const line = await gateway.waitForJson(({ exposure }) => exposure === 'waiting');
  expect(line).toMatchObject({ cause: { code: 'tailscale/signed-out' } });
  trouble.state({ backendState: 'Running' });
  await expect.poll(() => exposures(gateway).slice(-1), { timeout: 15_000 }).toEqual(['active']);
});

test.describe('who it is opens nothing when', () => {
  const doubts: Readonly<Record<string, NewFault>> = {
    'Tailscale knows nobody there': { on: 'api:whois', kind: 'answer', status: 404, body: 'no match\n', times: 0 },
    'Tailscale fails to say': { on: 'api:whois', kind: 'answer', status: 500, body: '{"error":"x"}', times: 0 },
    'Tailscale breaks off': { on: 'api:whois', kind: 'cut', times: 0 },
    'it is another than was said': patched({ UserProfile: { LoginName: 'root@example.com' } }),
    'it is tagged': patched({ Node: { Tags: ['tag:robot'] } }),
    'it has another number': patched({ UserProfile: { ID: 4711 } }),
    'Tailscale never says': { on: 'api:whois', kind: 'hang', times: 0 },
  };
  for (const [what, fault] of Object.entries(doubts)) {
    test(what, async ({ net, home }) => {
      const { tailnet, gw, phone } = net;
      const tailscaleUserIds = [String((await phone.status()).UserID)];
      const auth = {
        mode: 'token',
        token: 'the-token-of-our-gateway-0123456789',
        allowTailscale: true,
        tailscaleUserIds,
      };
      await writeFile(join(home, 'gateway.json5'), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
      await using gateway = startGateway(home, gw, '--tailscale', 'serve');
      await gateway.waitForJson(({ exposure }) => exposure === 'active');
      using trouble = new Trouble(gw);
      trouble.faults(fault);
      const visitor = new Visitor(phone, tailnet.ca);
      expect(await visitor.open(urlOf(gw), asControlUi())).toMatchObject({ ok: false });
    });
  }
});

function patched(json: Readonly<Record<string, unknown>>): NewFault {
  return { on: 'api:whois', kind: 'patch', json, times: 0 };
}

/** A fault of Tailscale is nobody else's. */
async function expectGatewayRuns(gateway: RunningCli): Promise<void> {
  const { port } = await gateway.waitForJson((line) => typeof line['port'] === 'number');
  expect((await fetch(`http://127.0.0.1:${String(port)}/healthz`)).status).toBe(200);
}

function exposures(gateway: RunningCli): readonly unknown[] {
  return gateway.jsonLines.flatMap(({ exposure }) => (exposure === undefined ? [] : [exposure]));
}
