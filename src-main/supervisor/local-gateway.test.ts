import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { ExposureView, ExposureWish, GatewayAccess } from '../contract/exposure.ts';
import type { GatewayRunOptions, HostCommand, HostReport } from '../contract/gateway-host.ts';
import type { HostProcess } from '../platform/ports.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { LocalGateway } from './local-gateway.ts';
import { LocalPath } from './paths.ts';

const options: GatewayRunOptions = {
  home: '/home',
  configFile: '/nowhere/gateway.json5',
  version: '1',
  bind: 'loopback',
  host: undefined,
  port: 18_789,
  auth: { mode: 'none' },
  controlUi: { enabled: false, root: '/ui', allowedOrigins: [] },
  trustedProxies: [],
  rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: true },
  nodes: { autoApproveLocal: true, commands: { allow: [], deny: [] } },
  tailscale: { mode: 'off', port: 443, resetOnExit: true, allowIdentity: true, allowedUserIds: [] },
  tls: undefined,
};

/** A gateway process that does what the test says. */
class ScriptedHost implements HostProcess {
  readonly pid = 1;
  readonly commands: HostCommand[] = [];
  readonly signals: string[] = [];
  obedient = true;
  #tell: (message: unknown) => void = () => {};
  #exit: (code: number | undefined) => void = () => {};
  #errorLine: (line: string) => void = () => {};

  send(message: unknown): void {
    this.commands.push(message as HostCommand);
    if ((message as HostCommand).type === 'stop' && this.obedient) this.exit(0);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#tell = listener;
  }

  onExit(listener: (code: number | undefined) => void): void {
    this.#exit = listener;
  }

  onErrorLine(listener: (line: string) => void): void {
    this.#errorLine = listener;
  }

  kill(signal: string): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL') this.exit(undefined);
  }

  report(report: HostReport): void {
    this.#tell(report);
  }

  exit(code: number | undefined, lastLine?: string): void {
    if (lastLine !== undefined) this.#errorLine(lastLine);
    this.#exit(code);
  }
}

const stranger: ErrorInfo = {
  code: 'gateway/port-taken',
  params: { port: 18_789, holder: { pid: 7, program: 'nginx' }, suggestedPort: 18_909 },
};
const other: ErrorInfo = {
  code: 'gateway/port-taken-by-gateway',
  params: { port: 18_789, holder: { pid: 7, program: 'node' }, version: '2026.9.6', suggestedPort: 18_909 },
};

function createGateway({ attach = false, holder = stranger }: { attach?: boolean; holder?: ErrorInfo } = {}) {
  const clock = new FakeClock(1_000);
  const hosts: ScriptedHost[] = [];
  const logLines: string[] = [];
  const gateway = new LocalGateway({
    starter: { start: () => hosts[hosts.push(new ScriptedHost()) - 1]! },
    runOptions: async () => options,
    attach: () => attach,
    explainPort: async () => holder,
    onLogLine: (line) => logLines.push(line),
    clock,
    log: nullLogger,
    random: () => 0.5,
    onChange: () => {},
  });
  return { gateway, clock, hosts, logLines };
}

async function listening(setUp: ReturnType<typeof createGateway>): Promise<ScriptedHost> {
  await settle();
  const host = setUp.hosts.at(-1)!;
  host.report({ type: 'ready' });
  host.report({ type: 'listening', port: 18_789, url: 'http://127.0.0.1:18789', fingerprint: undefined });
  await settle();
  return host;
}

describe('the local gateway', () => {
  it('gets its options as a message once its process is ready', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    const host = await listening(setUp);
    expect(host.commands).toEqual([{ type: 'start', options }]);
    expect(setUp.gateway.state).toMatchObject({ status: 'open', session: { port: 18_789, attached: false } });
  });

  it('is reached where it listens, with the certificate it shows, wherever it moves to', async () => {
    const setUp = createGateway();
    const path = new LocalPath(setUp.gateway, () => undefined);
    setUp.gateway.start();
    await settle();
    const host = setUp.hosts.at(-1)!;
    host.report({ type: 'ready' });
    host.report({ type: 'listening', port: 18_789, url: 'https://100.64.0.1:18789', fingerprint: 'AA:BB' });
    await settle();
    expect(path.state).toMatchObject({ status: 'ready', url: 'wss://100.64.0.1:18789', attached: false });
    expect(path.tlsFingerprint).toBe('AA:BB');
    host.report({ type: 'moved', url: undefined });
    expect(path.state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/no-tailnet-address' } });
    expect(path.url).toBeUndefined();
    host.report({ type: 'moved', url: 'https://100.64.0.2:18789' });
    expect(path.state).toMatchObject({ status: 'ready', url: 'wss://100.64.0.2:18789' });
    expect(path.tlsFingerprint).toBe('AA:BB');
  });

  it('runs and waits where it has no address yet, and is not started again for that', async () => {
    const setUp = createGateway();
    const path = new LocalPath(setUp.gateway, () => undefined);
    setUp.gateway.start();
    await settle();
    const host = setUp.hosts.at(-1)!;
    host.report({ type: 'ready' });
    host.report({ type: 'listening', port: 18_789, url: undefined, fingerprint: undefined });
    await setUp.clock.advance(120_000);
    expect([setUp.hosts.length, setUp.gateway.state.status]).toEqual([1, 'open']);
    expect(path.state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/no-tailnet-address' } });
    const holder = { pid: undefined, program: undefined };
    const params = { port: 18_789, holder, suggestedPort: undefined };
    host.report({ type: 'moved', url: undefined, cause: { code: 'gateway/port-taken', params } });
    expect(path.state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/port-taken' } });
    host.report({ type: 'moved', url: 'http://100.64.0.2:18789' });
    expect(path.state).toMatchObject({ status: 'ready', url: 'ws://100.64.0.2:18789' });
  });

  it('starts again after a crash, with its last words', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    (await listening(setUp)).exit(1, 'out of memory');
    await settle();
    expect(setUp.gateway.state).toMatchObject({
      status: 'waiting',
      cause: { code: 'gateway/crashed', params: { exitCode: 1, lastLine: 'out of memory' } },
    });
    expect(setUp.logLines).toEqual(['out of memory']);
    await setUp.clock.advance(500);
    expect(setUp.hosts).toHaveLength(2);
  });

  it('stops starting again when it crashes in a loop', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    for (let crash = 0; crash < 5; crash += 1) {
      (await listening(setUp)).exit(1);
      await setUp.clock.advance(500);
    }
    expect(setUp.gateway.state).toMatchObject({ status: 'failed', cause: { code: 'gateway/crash-loop' } });
    expect(setUp.hosts).toHaveLength(5);
    expect(setUp.clock.pendingTimers).toBe(0);
  });

  it('says who holds the port and kills nobody', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    await settle();
    setUp.hosts[0]!.report({
      type: 'failed',
      error: {
        code: 'gateway/port-taken',
        params: { port: 18_789, holder: { pid: undefined, program: undefined }, suggestedPort: undefined },
      },
    });
    await settle();
    expect(setUp.gateway.state).toMatchObject({ status: 'failed', cause: stranger });
  });

  it.each([
    [false, { status: 'failed', cause: other }],
    [true, { status: 'open', session: { attached: true, port: 18_789 } }],
  ])('attaches to a gateway that is there only when that is wanted: %j', async (attach, expected) => {
    const setUp = createGateway({ attach, holder: other });
    setUp.gateway.start();
    await settle();
    const taken = { code: 'gateway/port-taken', params: stranger.params } as ErrorInfo;
    setUp.hosts[0]!.report({ type: 'failed', error: taken });
    await settle();
    expect(setUp.gateway.state).toMatchObject(expected);
  });

  it('asks, then insists, and is stopped only when the process is gone', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    const host = await listening(setUp);
    host.obedient = false;
    let stopped = false;
    const stopping = setUp.gateway.stop().then(() => (stopped = true));
    await setUp.clock.advance(7_000);
    expect([host.signals, stopped]).toEqual([['SIGTERM'], false]);
    await setUp.clock.advance(2_000);
    await stopping;
    expect(host.signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(setUp.clock.pendingTimers).toBe(0);
  });

  it('gives up a process that never gets ready', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    await setUp.clock.advance(20_000);
    expect(setUp.gateway.state).toMatchObject({ status: 'waiting', cause: { code: 'gateway/silent' } });
  });

  it('leaves no process when it is stopped while starting', async () => {
    const setUp = createGateway();
    setUp.gateway.start();
    await settle();
    await setUp.gateway.stop();
    expect(setUp.hosts[0]!.commands.at(-1)).toMatchObject({ type: 'stop' });
    expect(setUp.gateway.state.status).toBe('stopped');
    expect(setUp.clock.pendingTimers).toBe(0);
  });
});

describe('what is said about the exposure', () => {
  const off: ExposureWish = { mode: 'off', port: 443, untilMs: undefined };
  const serve: ExposureWish = { ...off, mode: 'serve' };
  const view: ExposureView = { wish: serve, state: { status: 'off' }, before: 'off', visitors: [] };
  const access: GatewayAccess = { bind: 'loopback', url: 'http://127.0.0.1:18789', auth: 'token', allowIdentity: true };

  async function talking() {
    const setUp = createGateway();
    setUp.gateway.start();
    const host = await listening(setUp);
    host.report({ type: 'access-changed', access });
    return { ...setUp, host };
  }

  it('is off until the process tells of something else, and unknown once it is gone', async () => {
    const { gateway, host } = await talking();
    expect(gateway.exposure).toMatchObject({ access, view: { wish: off, state: { status: 'off' } } });
    host.report({ type: 'exposure-changed', view });
    expect(gateway.exposure?.view).toEqual(view);
    host.exit(1);
    await settle();
    expect(gateway.exposure).toBeUndefined();
  });

  it('gives every question its own answer, whatever comes first', async () => {
    const { gateway, host, clock } = await talking();
    const plans = [gateway.plan(serve), gateway.plan(off)];
    const wishes = [gateway.expose(serve), gateway.expose(off)];
    await settle();
    expect(host.commands.slice(1).map((command) => ('id' in command ? `${command.type} ${command.id}` : ''))).toEqual([
      'plan-exposure 1',
      'plan-exposure 2',
      'expose 3',
      'expose 4',
    ]);
    const plan = (wish: ExposureWish) => ({ wish, checks: [], changes: [] });
    host.report({ type: 'planned', id: 2, plan: plan(off) });
    host.report({ type: 'exposed', id: 4, error: { code: 'tailscale/stopped', params: {} } });
    host.report({ type: 'planned', id: 1, plan: plan(serve) });
    host.report({ type: 'exposed', id: 3, error: undefined });
    expect(await Promise.all(plans)).toEqual([plan(serve), plan(off)]);
    await expect(wishes[0]).resolves.toBeUndefined();
    await expect(wishes[1]).rejects.toMatchObject({ info: { code: 'tailscale/stopped' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps nobody waiting for a process that has died, or hangs', async () => {
    const setUp = await talking();
    const { gateway, host, clock } = setUp;
    const died = gateway.expose(serve).catch((error: unknown) => error);
    await settle();
    host.exit(1);
    expect(await died).toMatchObject({ info: { code: 'gateway/crashed' } });
    await clock.advance(500);
    const next = await listening(setUp);
    const silent = gateway.plan(serve).catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await silent).toMatchObject({ info: { code: 'tailscale/no-answer' } });
    next.report({ type: 'planned', id: 1, plan: { wish: serve, checks: [], changes: [] } });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['another program started it', true],
    ['none runs', false],
  ])('is refused with the reason where %s', async (_why, attached) => {
    const setUp = createGateway({ attach: true, holder: other });
    if (attached) {
      setUp.gateway.start();
      await settle();
      setUp.hosts[0]!.report({
        type: 'failed',
        error: { code: 'gateway/port-taken', params: stranger.params } as never,
      });
      await settle();
    }
    const refusal = { info: { code: 'tailscale/no-gateway', params: { attached } } };
    await expect(setUp.gateway.plan(serve)).rejects.toMatchObject(refusal);
    await expect(setUp.gateway.expose(serve)).rejects.toMatchObject(refusal);
  });
});
