import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  DevicePairRequestedEventSchema,
  DevicePairResolvedEventSchema,
  DeviceTokenRotateResultSchema,
  HelloOkSchema,
} from '@openclaw/gateway-protocol/schema';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import {
  nodeHost,
  RawClient,
  runOptions,
  startTestGateway,
  TestDevice,
  tui,
  type Frame,
} from '../testing/gateway-harness.ts';

const ALL = ['operator.admin', 'operator.pairing', 'operator.read', 'operator.write'];
const ASKING = { nodes: { ...runOptions.nodes, autoApproveLocal: false } };

let gateway: RunningGateway;
let open: RawClient[];
beforeEach(() => {
  open = [];
});
afterEach(async () => {
  for (const { socket } of open) socket.close();
  await gateway.stop('test is over');
});

async function client(headers?: Readonly<Record<string, string>>): Promise<RawClient> {
  const opened = await RawClient.open(gateway.port, headers);
  open.push(opened);
  return opened;
}

async function operator(scopes: readonly string[] = ALL): Promise<RawClient> {
  const opened = await client();
  await opened.connect({ scopes });
  return opened;
}

async function enter(device: TestDevice, asked: Parameters<TestDevice['connect']>[1] = {}, headers = {}) {
  const opened = await client(headers);
  return { client: opened, answer: await device.connect(opened, asked) };
}

const details = ({ error }: Frame) => error?.details as unknown as Record<string, unknown>;
const auth = ({ payload }: Frame) => (payload as unknown as { auth: Record<string, string> }).auth;
const keyOf = (payload: unknown) => (payload as { idempotencyKey?: string } | undefined)?.idempotencyKey;
const faults = (schema: TSchema, value: unknown) => [...Value.Errors(schema, value)];

describe('a device on this computer', () => {
  beforeEach(async () => {
    gateway = await startTestGateway();
  });

  it.each(['v2', 'v3'] as const)(
    'is paired at once with a signature %s, and given a token it can come back with',
    async (version) => {
      const device = new TestDevice();
      const first = (await enter(device, { version })).answer;
      expect(faults(HelloOkSchema, first.payload)).toEqual([]);
      const deviceToken = auth(first)['deviceToken'] ?? '';
      for (const shown of [{ deviceToken }, { token: deviceToken }]) {
        const { answer } = await enter(device, { version, auth: shown });
        expect(auth(answer)).toEqual(auth(first));
      }
      expect(details((await enter(device, { auth: { deviceToken }, scopes: ALL })).answer)).toMatchObject({
        code: 'AUTH_SCOPE_MISMATCH',
      });
      expect(details((await enter(device, { auth: { deviceToken: 'wrong' } })).answer)).toMatchObject({
        code: 'AUTH_DEVICE_TOKEN_MISMATCH',
      });
      expect(details((await enter(new TestDevice(), { auth: { deviceToken } })).answer)).toMatchObject({
        code: 'AUTH_DEVICE_TOKEN_MISMATCH',
      });
      expect(details((await enter(device, { auth: {} })).answer)).toMatchObject({ code: 'AUTH_TOKEN_MISSING' });
      expect(details((await enter(device, { auth: { token: 'wrong' } })).answer)).toMatchObject({
        code: 'AUTH_TOKEN_MISMATCH',
        canRetryWithDeviceToken: true,
      });
    },
  );

  it('asks a person when it comes by another name, as another machine, or after it was told no', async () => {
    const device = new TestDevice();
    expect(details((await enter(device, {}, { host: 'evil.example:1' })).answer)).toMatchObject({
      reason: 'not-paired',
    });
    expect((await enter(device)).answer).toMatchObject({ ok: true });
    const other = { client: { ...tui, platform: 'darwin' } };
    expect(details((await enter(device, other)).answer)).toMatchObject({
      code: 'PAIRING_REQUIRED',
      reason: 'metadata-upgrade',
      approvedScopes: ['operator.read'],
    });
    const admin = await operator();
    await admin.request('device.token.revoke', { deviceId: device.id, role: 'operator' });
    expect(details((await enter(device)).answer)).toMatchObject({ reason: 'role-upgrade' });
  });

  it('is not approved for what was asked for from elsewhere', async () => {
    const device = new TestDevice();
    await enter(device, { scopes: ALL }, { host: 'evil.example:1' });
    expect((await enter(device)).answer).toMatchObject({ ok: true });
    expect(await (await operator()).request('device.pair.list')).toMatchObject({
      payload: { pending: [], paired: [{ scopes: ['operator.read'], approvedVia: 'silent' }] },
    });
  });
});

describe('a device that asks', () => {
  beforeEach(async () => {
    gateway = await startTestGateway(ASKING);
  });

  it('waits with one request, heard by those who may pair, until somebody with its scopes approves', async () => {
    const pairer = await operator(['operator.pairing']);
    const reader = await operator(['operator.read']);
    const device = new TestDevice();
    const asked = await enter(device, { scopes: ['operator.read'] });
    expect(asked.answer.error).toMatchObject({
      code: 'NOT_PAIRED',
      details: { recommendedNextStep: 'wait_then_retry' },
    });
    const { requestId } = details(asked.answer) as { requestId: string };
    expect(await asked.client.closed).toEqual({
      code: 1008,
      reason: `pairing required: device is not approved yet (requestId: ${requestId})`,
    });
    expect(details((await enter(device, { scopes: ['operator.write'] })).answer)).toMatchObject({ requestId });
    const requested = await pairer.next(({ event }) => event === 'device.pair.requested');
    expect(faults(DevicePairRequestedEventSchema, requested.payload)).toEqual([]);

    expect((await pairer.request('device.pair.approve', { requestId })).error).toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'missing scope: operator.read',
    });
    const writer = await operator(['operator.pairing', 'operator.write']);
    expect(await writer.request('device.pair.approve', { requestId })).toMatchObject({
      payload: { requestId, device: { deviceId: device.id, approvedVia: 'owner', roles: ['operator'] } },
    });
    const resolved = await pairer.next(({ event }) => event === 'device.pair.resolved');
    expect(faults(DevicePairResolvedEventSchema, resolved.payload)).toEqual([]);
    expect(resolved.payload).toMatchObject({ requestId, decision: 'approved' });
    expect((await enter(device, { scopes: ['operator.write'] })).answer).toMatchObject({ ok: true });
    expect(details((await enter(device, { scopes: ALL })).answer)).toMatchObject({ reason: 'scope-upgrade' });
    await reader.request('health');
    expect(reader.frames.filter(({ event }) => event?.includes('pair'))).toEqual([]);
  });

  it('is forgotten when it is rejected', async () => {
    const pairer = await operator(['operator.pairing']);
    const device = new TestDevice();
    const { requestId } = details((await enter(device)).answer);
    expect(await pairer.request('device.pair.reject', { requestId })).toMatchObject({
      payload: { requestId, deviceId: device.id },
    });
    expect(await pairer.request('device.pair.list')).toMatchObject({ payload: { pending: [], paired: [] } });
  });

  it('cannot fill the list', async () => {
    const admin = await operator();
    for (let count = 0; count < 70; count += 1) {
      const { client: asking } = await enter(new TestDevice());
      await asking.closed;
    }
    const { payload } = await admin.request('device.pair.list');
    expect((payload as unknown as { pending: readonly unknown[] }).pending).toHaveLength(64);
  });
});

describe('a paired device', () => {
  it('stays paired when the gateway starts again, and is out when it is removed', async () => {
    const home = mkdtempSync(join(tmpdir(), 'gangway-pairing-'));
    gateway = await startTestGateway({ home });
    const device = new TestDevice();
    const { deviceToken = '' } = auth((await enter(device)).answer);
    await gateway.stop('restart');
    gateway = await startTestGateway({ home, ...ASKING });
    const { client: here, answer } = await enter(device, { auth: { deviceToken } });
    expect(auth(answer)).toMatchObject({ deviceToken });
    const admin = await operator();
    expect(await admin.request('device.pair.list')).toMatchObject({ payload: { paired: [{ connected: true }] } });
    expect(await admin.request('device.pair.rename', { deviceId: device.id, label: 'Desk' })).toMatchObject({
      ok: true,
    });
    expect(await admin.request('device.pair.remove', { deviceId: device.id })).toMatchObject({ ok: true });
    expect(await here.closed).toEqual({ code: 4001, reason: 'device removed' });
    expect(await admin.request('device.pair.remove', { deviceId: device.id })).toMatchObject({
      error: { message: 'unknown deviceId' },
    });
    expect(details((await enter(device, { auth: { deviceToken } })).answer)).toMatchObject({
      code: 'AUTH_DEVICE_TOKEN_MISMATCH',
    });
    await gateway.stop('test is over');
    rmSync(home, { recursive: true });
  });

  it('gets another token in its own hands alone; the old one opens nothing', async () => {
    gateway = await startTestGateway();
    const device = new TestDevice();
    const scopes = ['operator.pairing', 'operator.read'];
    const { deviceToken = '' } = auth((await enter(device, { scopes })).answer);
    const { client: own } = await enter(device, { scopes, auth: { deviceToken } });
    const rotated = await own.request('device.token.rotate', { deviceId: device.id, role: 'operator' });
    expect(faults(DeviceTokenRotateResultSchema, rotated.payload)).toEqual([]);
    const { token } = rotated.payload as unknown as { token: string };
    expect(await own.closed).toMatchObject({ code: 4001 });
    expect((await enter(device, { scopes, auth: { deviceToken } })).answer).toMatchObject({ ok: false });
    expect((await enter(device, { scopes, auth: { deviceToken: token } })).answer).toMatchObject({ ok: true });

    const admin = await operator();
    const elsewhere = await admin.request('device.token.rotate', { deviceId: device.id, role: 'operator' });
    expect(elsewhere.payload).toMatchObject({ tokenDelivery: 'withheld-cross-device' });
    expect(elsewhere.payload).not.toHaveProperty('token');
    const pairer = await operator(['operator.pairing']);
    for (const asked of [
      { deviceId: device.id, role: 'operator' },
      { deviceId: device.id, role: 'node' },
      { deviceId: 'nobody', role: 'operator' },
    ]) {
      expect((await pairer.request('device.token.rotate', asked)).error?.message).toBe('device token rotation denied');
    }
    const wider = { deviceId: device.id, role: 'operator', scopes: ALL };
    expect((await admin.request('device.token.rotate', wider)).error?.message).toBe('device token rotation denied');
  });
});

describe('a node', () => {
  const offer = { client: nodeHost, role: 'node', scopes: [] } as const;
  const surface = { caps: ['system'], commands: ['system.which', 'browser.proxy', 'file.write'] };

  beforeEach(async () => {
    gateway = await startTestGateway();
  });

  async function approvedNode(commands = surface.commands) {
    const device = new TestDevice();
    const { client: node, answer } = await enter(device, { ...offer, more: { ...surface, commands } });
    const admin = await operator();
    const { payload } = await admin.request('node.pair.list');
    const [{ requestId }] = (payload as unknown as { pending: [{ requestId: string }] }).pending;
    await admin.request('node.pair.approve', { requestId });
    return { device, node, admin, answer, nodeId: device.id };
  }

  it('shows what it offers and may be asked for nothing until a person approves it', async () => {
    const watcher = await operator(['operator.pairing']);
    const device = new TestDevice();
    const { answer } = await enter(device, { ...offer, more: surface });
    expect(auth(answer)).toMatchObject({ role: 'node', scopes: [], deviceToken: expect.any(String) });
    const { payload } = await watcher.next(({ event }) => event === 'node.pair.requested');
    const { requestId, commands } = payload as unknown as { requestId: string; commands: readonly string[] };
    expect(commands).toEqual(['system.which', 'browser.proxy']);
    const admin = await operator();
    const invoke = { nodeId: device.id, command: 'system.which', params: {}, idempotencyKey: 'k' };
    expect((await admin.request('node.invoke', invoke)).error?.details).toEqual({ code: 'PAIRING_CHANGED' });
    expect(await admin.request('node.list')).toMatchObject({
      payload: { nodes: [{ nodeId: device.id, approvalState: 'pending-approval', commands: [], connected: true }] },
    });
    expect((await watcher.request('node.pair.approve', { requestId })).error).toMatchObject({
      code: 'FORBIDDEN',
      details: { code: 'MISSING_SCOPE', requiredScopes: ['operator.pairing', 'operator.admin'] },
    });
    await admin.request('node.pair.approve', { requestId });
    expect(await admin.request('node.describe', { nodeId: device.id })).toMatchObject({
      payload: { approvalState: 'approved', commands: ['browser.proxy', 'system.which'] },
    });
  });

  it('runs what an operator asks for, once per key', async () => {
    const { node, nodeId, admin } = await approvedNode();
    const asked = {
      nodeId,
      command: 'system.which',
      params: { bins: ['ls'] },
      idempotencyKey: 'one',
      timeoutMs: 5_000,
    };
    const first = admin.request('node.invoke', asked);
    const { payload, ...frame } = await node.next(({ event }) => event === 'node.invoke.request');
    expect(frame).not.toHaveProperty('seq');
    expect(payload).toMatchObject({ nodeId, command: 'system.which', paramsJSON: '{"bins":["ls"]}' });
    const { id } = payload as unknown as { id: string };
    const answer = { id, nodeId, ok: true, payloadJSON: '{"ls":"/bin/ls"}' };
    expect(await node.request('node.invoke.result', answer)).toMatchObject({ payload: { ok: true } });
    expect(await node.request('node.invoke.result', answer)).toMatchObject({ payload: { ignored: true } });
    expect(await first).toMatchObject({ payload: { ok: true, nodeId, payload: { ls: '/bin/ls' } } });
    expect(await admin.request('node.invoke', asked)).toMatchObject({ payload: { payload: { ls: '/bin/ls' } } });
    expect(node.frames.filter(({ event }) => event === 'node.invoke.request')).toHaveLength(1);
  });

  it('answers with its own error, late, or not at all', async () => {
    const { node, nodeId, admin } = await approvedNode();
    const ask = (key: string, timeoutMs = 5_000) =>
      admin.request('node.invoke', { nodeId, command: 'system.which', idempotencyKey: key, timeoutMs });
    expect((await ask('late', 1)).error).toMatchObject({
      message: 'TIMEOUT: node invoke timed out',
      details: { nodeCommandDispatched: true },
    });
    const failing = ask('fails');
    const { payload } = await node.next(
      ({ event, payload }) => event === 'node.invoke.request' && keyOf(payload) === 'fails',
    );
    await node.request('node.invoke.result', {
      id: (payload as unknown as { id: string }).id,
      nodeId,
      ok: false,
      error: { code: 'NOPE', message: 'no' },
    });
    expect((await failing).error).toMatchObject({ code: 'UNAVAILABLE', message: 'NOPE: no' });
    const lost = ask('lost');
    await node.next(({ payload }) => keyOf(payload) === 'lost');
    node.socket.close();
    expect((await lost).error).toMatchObject({ message: 'DISCONNECTED: node disconnected' });
    expect((await ask('offline')).error).toMatchObject({
      message: 'node not connected',
      details: { code: 'NOT_CONNECTED' },
    });
  });

  it.each([
    ['browser.proxy', ['operator.write'], 'FORBIDDEN', 'missing scope: operator.admin'],
    ['system.which', ['operator.read'], 'FORBIDDEN', 'missing scope: operator.write'],
    ['file.write', ALL, 'INVALID_REQUEST', 'node command not allowed: "file.write"'],
    ['system.run', ALL, 'INVALID_REQUEST', 'node command not allowed: "system.run" is not offered'],
    ['system.execApprovals.get', ALL, 'INVALID_REQUEST', 'node.invoke does not allow system.execApprovals'],
  ])('is not asked for %s by %j', async (command, scopes, code, message) => {
    const { nodeId } = await approvedNode();
    const { error } = await (await operator(scopes)).request('node.invoke', { nodeId, command, idempotencyKey: 'k' });
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('calls what is for nodes and health, and operators do not', async () => {
    const { node, nodeId, admin } = await approvedNode();
    const stats = { event: 'node.host.stats', payloadJSON: '{"load1":0.5}' };
    expect(await node.request('node.event', stats)).toMatchObject({ payload: { handled: true } });
    expect(await node.request('node.event', { event: 'odd' })).toMatchObject({ payload: { handled: false } });
    expect(await node.request('node.skills.update', { skills: [] })).toMatchObject({ payload: { nodeId, skills: [] } });
    expect(await node.request('node.pluginTools.update', { tools: [] })).toMatchObject({ ok: true });
    const inventory = { protocolFeatures: [], workerHost: { enabled: false } };
    expect(await node.request('node.runnerInventory.update', inventory)).toMatchObject({ ok: true });
    expect(await node.request('health')).toMatchObject({ ok: true });
    for (const method of ['status', 'node.list', 'nope']) {
      expect((await node.request(method)).error?.message).toBe('unauthorized role: node');
    }
    expect((await admin.request('node.event', { event: 'x' })).error?.message).toBe('unauthorized role: operator');
    expect(await admin.request('node.describe', { nodeId })).toMatchObject({ payload: { hostStats: { load1: 0.5 } } });
  });

  it('has one line: the newer replaces the older, which is told why', async () => {
    const { device, node, nodeId, admin } = await approvedNode();
    const { client: newer } = await enter(device, {
      ...offer,
      more: { ...surface, commands: ['system.which', 'system.run'] },
    });
    expect(await node.closed).toEqual({ code: 4000, reason: 'replaced by a newer connection of this node' });
    // What was approved is kept; what is new waits.
    expect(await admin.request('node.describe', { nodeId })).toMatchObject({ payload: { commands: ['system.which'] } });
    expect(await admin.request('node.pair.list')).toMatchObject({
      payload: { pending: [{ commands: ['system.which', 'system.run'] }], paired: [{ nodeId }] },
    });
    expect(await admin.request('node.rename', { nodeId, displayName: 'Lathe' })).toMatchObject({ ok: true });
    expect(await admin.request('node.list')).toMatchObject({ payload: { nodes: [{ displayName: 'Lathe' }] } });
    expect(await admin.request('node.pair.remove', { nodeId })).toMatchObject({ payload: { nodeId } });
    expect(await newer.closed).toEqual({ code: 4001, reason: 'device removed' });
    expect(await admin.request('node.list')).toMatchObject({ payload: { nodes: [] } });
  });
});
