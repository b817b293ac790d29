import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { CallHandlers } from '../contract/calls.ts';
import { fail, type ErrorInfo } from '../contract/errors.ts';
import type { ExposurePlan, PreflightCheck } from '../contract/exposure.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { startControlServer, type ControlServer } from '../control/control-server.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { ExposureSwitch } from '../supervisor/exposure-switch.ts';
import { gatewayView } from '../supervisor/line-view.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import { localFacts } from '../supervisor/testing/facts.ts';
import { FakeExposedGateway, TAILNET_URL } from '../supervisor/testing/fake-exposed-gateway.ts';
import { runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** A gateway that asks for a password before it is opened to the internet, as the real one does. */
class CarefulGateway extends FakeExposedGateway {
  fault: ErrorInfo | undefined;

  override async plan(wish: ExposurePlan['wish']): Promise<ExposurePlan> {
    const { auth } = this.exposure.access;
    const password: ErrorInfo | undefined =
      wish.mode === 'funnel' && auth !== 'password'
        ? { code: 'tailscale/needs-password', params: { mode: auth } }
        : undefined;
    const checks: PreflightCheck[] = [
      { id: 'tailscale', found: 'running', fault: this.fault },
      { id: 'secret', found: `a ${auth}`, fault: password },
    ];
    return { wish, checks, changes: [{ what: 'route', before: undefined, after: `Serve ${wish.port}` }] };
  }
}

let home: string;
let gateway: CarefulGateway;
let server: ControlServer;
let undone: number;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gw-'));
  gateway = new CarefulGateway();
  undone = 0;
  const exposure = new ExposureSwitch({
    gateway: () => gateway,
    config: {
      change: async () => {
        queueMicrotask(() => gateway.takeOver('password'));
        return { before: '', after: '' };
      },
      undo: async () => {
        undone += 1;
        gateway.takeOver('token');
      },
    },
    copy: undefined,
    restart: async () => {},
    renew: () => {},
    keepSecret: () => {},
    clock: new FakeClock(),
    onChange: () => {},
    onRefused: () => {},
  });
  const snapshot = (): Snapshot => ({
    revision: 1,
    app: { version: '1', computer: 'laptop', startedAtMs: 0 },
    use: undefined,
    gateways: [gatewayView({ ...localFacts, exposure: exposure.view })],
    problems: [],
    events: [],
  });
  const handlers = { ...exposure.handlers, 'snapshot.get': async () => snapshot() } as unknown as CallHandlers;
  const api = { handlers, onChange: () => () => {}, onTestProgress: () => () => {} } as unknown as SupervisorApi;
  server = await startControlServer({ path: join(home, 'run', 'control.sock'), api, version: '1', log: nullLogger });
});

afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true });
});

async function run(words: string, input = '') {
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    outIsTerminal: false,
    inIsTerminal: false,
    openTyping: () => undefined,
    env: { GANGWAY_HOME: home },
    readInput: async () => input,
    confirm: async () => undefined,
  };
  const exitCode = await runProgram(['tailscale', ...words.split(' ').filter(Boolean)], {
    terminal,
    distRoot: join(import.meta.dirname, '..', '..', 'out'),
    version: '1',
    startDesktop: async () => 0,
  });
  return { exitCode, ...said };
}

const modes = (): readonly string[] => gateway.wishes.map(({ mode, port, untilMs }) => `${mode} ${port} ${untilMs}`);

describe('gangway tailscale', () => {
  it('says how things are when nothing else is said', async () => {
    expect(await run('')).toEqual({
      exitCode: 0,
      out: 'Only this computer can reach this gateway.\nIt listens on loopback and asks for a token.\n',
      err: '',
    });
    expect(modes()).toEqual([]);
  });

  it('opens, shows the checks and the address, and closes again', async () => {
    const opened = await run('serve --port 8443');
    expect(opened).toMatchObject({ exitCode: 0 });
    expect(opened.err).toContain('✓ Tailscale   running');
    expect(opened.out.split('\n').slice(0, 2)).toEqual([
      TAILNET_URL,
      'Your tailnet can reach this gateway now, with a token or by Tailscale identity.',
    ]);
    expect(await run('off')).toMatchObject({ exitCode: 0, err: '' });
    expect(modes()).toEqual(['serve 8443 undefined', 'off 8443 undefined']);
  });

  it('only plans when asked to', async () => {
    const { exitCode, out } = await run('serve --plan');
    expect([exitCode, out]).toEqual([0, '✓ Tailscale   running\n✓ Sign-in     a token\n  Route       + Serve 443\n']);
    expect(modes()).toEqual([]);
  });

  it('answers programs in one line', async () => {
    const planned = await run('funnel --plan --json');
    expect(planned.exitCode).toBe(3);
    expect(JSON.parse(planned.out)).toMatchObject({
      status: 'refused',
      plan: { checks: [{ ok: true }, { ok: false, fault: { code: 'tailscale/needs-password' } }] },
    });
    const opened = await run('serve --json');
    expect(JSON.parse(opened.out)).toMatchObject({
      status: 'open',
      reach: { open: { to: 'tailnet' } },
      exposure: { state: { url: TAILNET_URL } },
    });
    expect(JSON.parse((await run('off --json')).out)).toMatchObject({ status: 'closed' });
  });
});

describe('a Funnel', () => {
  it('is refused without a password, with the way to set one', async () => {
    const { exitCode, out, err } = await run('funnel');
    expect(exitCode).toBe(3);
    expect(out).toContain('With: gangway tailscale funnel --password-file FILE');
    expect(err).toBe('gangway: Funnel needs a password. Nothing was changed.\n');
    expect(modes()).toEqual([]);
  });

  it('takes it from standard input, and closes after half an hour', async () => {
    const { exitCode, out, err } = await run('funnel --password-file -', 'correct horse battery\n');
    expect([exitCode, out.includes('correct'), err.includes('correct')]).toEqual([0, false, false]);
    expect(out).toContain('Anyone on the internet can reach this gateway now, with the password.');
    expect(modes()).toEqual(['funnel 443 1800000']);
  });

  it.each([
    ['--for 2h', 'funnel 443 7200000'],
    ['--for stays', 'funnel 443 undefined'],
  ])('is open for as long as is said: %s', async (words, expected) => {
    gateway.takeOver('password');
    expect(await run(`funnel ${words}`)).toMatchObject({ exitCode: 0 });
    expect(modes()).toEqual([expected]);
  });

  it('that does not come about takes back the password that was set for it', async () => {
    gateway.refusal = fail('tailscale/claim-failed', { words: 'no' });
    expect((await run('funnel --password-file -', 'correct horse battery')).exitCode).toBe(1);
    expect(undone).toBe(1);
  });

  it('sets no password where something else is missing as well', async () => {
    gateway.fault = { code: 'tailscale/not-answering', params: {} };
    const { exitCode } = await run('funnel --password-file -', 'correct horse battery');
    expect([exitCode, gateway.exposure.access.auth]).toEqual([2, 'token']);
  });

  it.each(['too short', ''])('takes no password that is none: “%s”', async (password) => {
    const file = join(home, 'password');
    await writeFile(file, password);
    const { exitCode, out, err } = await run(`funnel --password-file ${file}`);
    expect([exitCode, (out + err).includes('too short'), gateway.exposure.access.auth]).toEqual([64, false, 'token']);
  });
});

it.each(['funnel --for 5m', 'serve --for 1h', 'serve --port 70000', 'everywhere', 'off --plan'])(
  'does not understand %s',
  async (words) => {
    expect((await run(words)).exitCode).toBe(64);
    expect(modes()).toEqual([]);
  },
);
