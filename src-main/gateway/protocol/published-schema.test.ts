import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import {
  AgentEventSchema,
  AgentIdentityResultSchema,
  AgentsListResultSchema,
  ChannelsStatusResultSchema,
  ChatEventSchema,
  ChatMessageGetResultSchema,
  ExecApprovalsSnapshotSchema,
  HelloOkSchema,
  LogsTailResultSchema,
  ModelsListResultSchema,
  PresenceEntrySchema,
  ResponseFrameSchema,
  SessionRowSchema,
  SessionsCreateResultSchema,
  SessionsDeleteResultSchema,
  SessionsResolveResultSchema,
  SystemInfoResultSchema,
  UpdateStatusResultSchema,
} from '@openclaw/gateway-protocol/schema';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import { METHODS } from '../methods/table.ts';
import { RawClient, startTestGateway, type Frame } from '../testing/gateway-harness.ts';

let gateway: RunningGateway;
let client: RawClient;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = await RawClient.open(gateway.port);
  await client.connect({ scopes: ['operator.admin'] });
  await client.request('sessions.subscribe');
  await client.request('chat.send', { sessionKey: 'main', message: '/help', idempotencyKey: 'first' });
  await client.next(
    ({ event, payload }) => event === 'chat' && (payload as unknown as { state: string }).state === 'final',
  );
});
afterAll(async () => {
  client.socket.close();
  await gateway.stop('test is over');
});

const entry = createRequire(import.meta.url).resolve('@openclaw/gateway-protocol');
const published = JSON.parse(readFileSync(join(dirname(entry), '..', 'protocol.schema.json'), 'utf8')) as {
  readonly methods: Readonly<Record<string, { readonly scope: string }>>;
};

it.each(Object.entries(METHODS))('asks for %s the scope that the published map names', (name, { scope }) => {
  const expected = published.methods[name]?.scope ?? 'dynamic';
  // Where it depends on the parameters, it is ours to choose.
  expect(expected === 'dynamic' ? scope : expected).toBe(scope);
});

/** Every fault that a closed client of the published schema would find, as text. */
const faults = (schema: TSchema, value: unknown): string[] =>
  [...Value.Errors(schema, value)].map((fault) => JSON.stringify(fault));

/** What a method cannot do without. */
const PARAMS: Readonly<Record<string, unknown>> = {
  wake: { mode: 'next-heartbeat', text: 'rise' },
  agent: { message: '/health', idempotencyKey: 'asked' },
  'config.patch': { raw: '{}', baseHash: 'r0' },
  'agent.wait': { runId: 'first' },
  'sessions.describe': { key: 'main', includeDerivedTitles: true, includeLastMessage: true },
  'sessions.resolve': { key: 'main' },
  'sessions.preview': { keys: ['main', 'nobody'] },
  'sessions.get': { key: 'main' },
  'sessions.patch': { key: 'main', label: 'Desk', pinned: true, unread: true, thinkingLevel: 'low' },
  'sessions.reset': { key: 'side' },
  'sessions.delete': { key: 'side' },
  'sessions.send': { key: 'main', message: 'hello' },
  'sessions.abort': { key: 'main' },
  'sessions.messages.subscribe': { key: 'main' },
  'sessions.messages.unsubscribe': { key: 'main' },
  'chat.send': { sessionKey: 'main', message: '/status', idempotencyKey: 'again' },
  'chat.abort': { sessionKey: 'main' },
  'chat.inject': { sessionKey: 'main', message: 'a note' },
  'chat.history': { sessionKey: 'main' },
  'chat.message.get': { sessionKey: 'main', messageId: 'nobody' },
};

const answerTo = (method: string): Promise<Frame> => client.request(method, PARAMS[method]);

it('greets with what closed clients accept', async () => {
  const other = await RawClient.open(gateway.port);
  const { payload } = await other.connect();
  expect(faults(HelloOkSchema, payload)).toEqual([]);
  other.socket.close();
});

/** Devices and nodes have a test of their own: most of their methods need a partner. */
const ALONE = Object.keys(METHODS).filter((name) => !/^(device|node)\.(?!(pair\.)?list$)/.test(name));

it.each(ALONE)('answers %s in a frame that closed clients accept', async (name) => {
  const frame = await answerTo(name);
  expect(frame).toMatchObject({ ok: true });
  expect(faults(ResponseFrameSchema, frame)).toEqual([]);
});

it.each([
  ['system.info', SystemInfoResultSchema],
  ['channels.status', ChannelsStatusResultSchema],
  ['agents.list', AgentsListResultSchema],
  ['agent.identity.get', AgentIdentityResultSchema],
  ['models.list', ModelsListResultSchema],
  ['logs.tail', LogsTailResultSchema],
  ['update.status', UpdateStatusResultSchema],
  ['exec.approvals.get', ExecApprovalsSnapshotSchema],
  ['sessions.resolve', SessionsResolveResultSchema],
  ['sessions.create', SessionsCreateResultSchema],
  ['sessions.delete', SessionsDeleteResultSchema],
  ['chat.message.get', ChatMessageGetResultSchema],
])('answers %s with a result that closed clients accept', async (name, schema) => {
  expect(faults(schema, (await answerTo(name)).payload)).toEqual([]);
});

it('publishes who is connected as closed clients accept it', async () => {
  const entries = (await answerTo('system-presence')).payload as unknown as readonly unknown[];
  expect(entries.flatMap((each) => faults(PresenceEntrySchema, each))).toEqual([]);
});

describe('sessions', () => {
  it('are rows that closed clients accept', async () => {
    await answerTo('sessions.patch');
    const listed = (await answerTo('sessions.list')).payload as unknown as { sessions: readonly unknown[] };
    const described = (await answerTo('sessions.describe')).payload as unknown as { session: unknown };
    expect(listed.sessions).not.toEqual([]);
    expect([...listed.sessions, described.session].flatMap((row) => faults(SessionRowSchema, row))).toEqual([]);
  });

  it.each([
    ['agent', AgentEventSchema],
    ['chat', ChatEventSchema],
  ])('tell of their %s events as closed clients accept them', (event, schema) => {
    const told = client.frames.filter((frame) => frame.event === event);
    expect(told.length).toBeGreaterThan(2);
    expect(told.flatMap(({ payload }) => faults(schema, payload))).toEqual([]);
  });
});
