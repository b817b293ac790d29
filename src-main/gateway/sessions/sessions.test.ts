import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import { RawClient, startTestGateway, type Frame } from '../testing/gateway-harness.ts';

let gateway: RunningGateway;
let admin: RawClient;
beforeAll(async () => {
  gateway = await startTestGateway();
  admin = await connected(['operator.admin']);
});
afterAll(async () => {
  admin.socket.close();
  await gateway.stop('test is over');
});

async function connected(scopes: readonly string[]): Promise<RawClient> {
  const client = await RawClient.open(gateway.port);
  expect(await client.connect({ scopes })).toMatchObject({ ok: true });
  return client;
}

type Facts = Record<string, unknown>;
const factsOf = ({ payload }: Frame): Facts => payload as unknown as Facts;

/** Asks and waits for the end of the answer. */
async function ask(sessionKey: string, message: string, idempotencyKey: string): Promise<Frame> {
  expect(await admin.request('chat.send', { sessionKey, message, idempotencyKey })).toMatchObject({
    payload: { runId: idempotencyKey, status: 'started' },
  });
  return admin.next(({ event, payload }) => {
    const { runId, state } = (payload ?? {}) as Facts;
    return event === 'chat' && runId === idempotencyKey && state !== 'delta';
  });
}

const texts = async (sessionKey: string): Promise<unknown[]> =>
  (factsOf(await admin.request('chat.history', { sessionKey }))['messages'] as Facts[]).map(({ content }) =>
    typeof content === 'string' ? content : (content as Facts[])[0]?.['text'],
  );

describe('chat', () => {
  it('is answered by the concierge from live facts, in numbered events, and kept', async () => {
    const final = await ask('talk', '/status', 'talk-1');
    expect(final.payload).toMatchObject({ state: 'final', sessionKey: 'agent:main:talk', agentId: 'main' });
    expect(await texts('talk')).toEqual(['/status', expect.stringContaining('Gangway 1.2.3 on desk')]);
    const seqs = admin.frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    const deltas = admin.frames.filter(
      ({ event, payload }) => event === 'chat' && (payload as unknown as Facts)['runId'] === 'talk-1',
    );
    const said = deltas.map((frame) => (factsOf(frame)['deltaText'] as string | undefined) ?? '').join('');
    expect(await texts('talk')).toContain(said);
  });

  it('answers `agent` twice, and the same key again with the first answer', async () => {
    const params = { message: '/tools', idempotencyKey: 'twice', agentId: 'main' };
    const first = await admin.request('agent', params);
    expect(first.payload).toMatchObject({ runId: 'twice', status: 'accepted', sessionKey: 'agent:main:main' });
    const second = await admin.next((frame) => frame.id === first.id && factsOf(frame)['status'] === 'ok');
    const result = { payloads: [{ text: 'There are no tools on this gateway.' }] };
    expect(second.payload).toMatchObject({ runId: 'twice', summary: 'completed', result });
    expect((await admin.request('agent', params)).payload).toMatchObject({ status: 'ok', result });
    expect(await texts('main')).toEqual(['/tools', 'There are no tools on this gateway.']);
  });

  it.each([
    [
      'chat.send',
      { sessionKey: 'agent:nobody:main', message: 'x', idempotencyKey: 'k' },
      'Agent "nobody" does not exist',
    ],
    ['chat.send', { sessionKey: 'main', message: '  ', idempotencyKey: 'k' }, 'message or attachment required'],
    ['chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'k', attachments: [{}] }, 'attachments'],
    [
      'chat.send',
      { sessionKey: 'a\nb', message: 'x', idempotencyKey: 'k' },
      'invalid chat.send params: at /sessionKey',
    ],
    ['chat.inject', { sessionKey: 'unheard', message: 'x' }, 'session not found'],
    ['agent', { message: 'x', agentId: 'nobody', idempotencyKey: 'k' }, 'unknown agent id "nobody"'],
    ['sessions.resolve', { key: 'unheard' }, 'No session found: unheard'],
    ['sessions.resolve', { key: 'a', label: 'b' }, 'give one of'],
    ['sessions.delete', { key: 'main' }, 'Cannot delete the main session (agent:main:main).'],
    ['sessions.abort', {}, 'key or runId required'],
  ])('refuses %s %j and keeps nothing of it', async (method, params, message) => {
    const refused = await admin.request(method, params);
    expect(refused).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
    expect(refused.error?.message).toContain(message);
    expect(await admin.request('sessions.describe', { key: 'unheard' })).toMatchObject({ payload: { session: null } });
  });
});

describe('a session', () => {
  it('is listed, found by its label, previewed, and pages', async () => {
    for (const key of ['one', 'two', 'three']) await ask(key, '/help', `list-${key}`);
    await admin.request('sessions.patch', { key: 'two', label: 'Second' });
    const page = factsOf(await admin.request('sessions.list', { limit: 2, search: 'AGENT:' }));
    expect(page).toMatchObject({ count: 2, hasMore: true, nextOffset: 2 });
    const found = await admin.request('sessions.resolve', { label: 'Second' });
    expect(found.payload).toMatchObject({ ok: true, key: 'agent:main:two', displayName: 'Second' });
    const previews = await admin.request('sessions.preview', { keys: ['two', 'unheard'], limit: 1 });
    expect(previews.payload).toMatchObject({ previews: [{ status: 'ok' }, { status: 'missing', items: [] }] });
  });

  it('keeps what was set on it, and refuses a label that is taken', async () => {
    await admin.request('sessions.create', { key: 'kept', label: 'Kept' });
    await admin.request('sessions.patch', { key: 'kept', pinned: true, model: 'm', icon: '★' });
    await admin.request('sessions.patch', { key: 'kept', model: null });
    const { session } = factsOf(await admin.request('sessions.describe', { key: 'kept' }));
    expect(session).toMatchObject({ label: 'Kept', pinned: true, icon: '★' });
    expect(session).not.toHaveProperty('model');
    expect(await admin.request('sessions.patch', { key: 'other', label: 'Kept' })).toMatchObject({
      error: { message: 'label already in use: Kept' },
    });
  });

  it('is archived out of the list and back', async () => {
    await admin.request('sessions.patch', { key: 'old', archived: true });
    const keys = async (archived: unknown): Promise<unknown[]> =>
      (factsOf(await admin.request('sessions.list', { archived }))['sessions'] as Facts[]).map(({ key }) => key);
    expect(await keys(false)).not.toContain('agent:main:old');
    expect(await keys(true)).toEqual(['agent:main:old']);
    await admin.request('sessions.patch', { key: 'old', archived: false });
    expect(await keys('all')).toContain('agent:main:old');
  });

  it('begins a new transcript when it is reset, and is gone when it is deleted', async () => {
    await ask('fresh', '/help', 'fresh-1');
    const before = factsOf(await admin.request('sessions.describe', { key: 'fresh' }))['session'] as Facts;
    expect(
      await admin.request('sessions.patch', { key: 'fresh', expectedSessionId: 'other', label: 'x' }),
    ).toMatchObject({
      error: { message: expect.stringContaining('session changed') as unknown },
    });
    const { entry } = factsOf(await admin.request('sessions.reset', { key: 'fresh' }));
    expect((entry as Facts)['sessionId']).not.toBe(before['sessionId']);
    expect(await texts('fresh')).toEqual([]);
    const params = { key: 'fresh' };
    expect(await admin.request('sessions.delete', params)).toMatchObject({ payload: { deleted: true } });
    expect(await admin.request('sessions.delete', params)).toMatchObject({ payload: { deleted: false } });
  });

  it('gives its history in pages, newest last, bounded by characters', async () => {
    await admin.request('sessions.create', { key: 'long' });
    for (let index = 0; index < 5; index += 1) {
      await admin.request('chat.inject', { sessionKey: 'long', message: `${index}`.repeat(10) });
    }
    const page = factsOf(await admin.request('chat.history', { sessionKey: 'long', limit: 2, offset: 1 }));
    expect(page).toMatchObject({ hasMore: true, totalMessages: 5 });
    expect((page['messages'] as Facts[]).map(({ __openclaw }) => (__openclaw as Facts)['seq'])).toEqual([3, 4]);
    const bounded = factsOf(await admin.request('chat.history', { sessionKey: 'long', maxChars: 25 }));
    expect(bounded['messages']).toHaveLength(2);
    const [{ __openclaw } = {}] = page['messages'] as Facts[];
    const messageId = (__openclaw as Facts)['id'];
    expect(await admin.request('chat.message.get', { sessionKey: 'long', messageId })).toMatchObject({
      payload: { ok: true, message: { content: [{ text: '2222222222' }] } },
    });
  });
});

describe('events', () => {
  it('reach those who asked for them and may hear them', async () => {
    const all = await connected(['operator.read']);
    await all.request('sessions.subscribe');
    const one = await connected(['operator.read']);
    await one.request('sessions.messages.subscribe', { key: 'heard' });
    const other = await connected(['operator.read']);
    await other.request('sessions.messages.subscribe', { key: 'heard' });
    await other.request('sessions.messages.unsubscribe', { key: 'heard' });
    const deaf = await connected(['operator.pairing']);
    await ask('heard', '/help', 'heard-1');
    // An answer comes after every event that was sent before it.
    for (const client of [all, one, other]) await client.request('health');
    await deaf.request('nothing');
    // Who comes and goes is told now and then, and is no matter of this test.
    const kinds = ({ frames }: RawClient) =>
      [...new Set(frames.flatMap(({ event = 'presence' }) => (event === 'presence' ? [] : [event])))].toSorted();
    const base = ['connect.challenge'];
    expect(kinds(all)).toEqual(['agent', 'chat', ...base, 'session.message', 'sessions.changed'].toSorted());
    expect(kinds(one)).toEqual(['agent', 'chat', ...base, 'session.message'].toSorted());
    expect(kinds(other)).toEqual(['agent', 'chat', ...base].toSorted());
    expect(kinds(deaf)).toEqual(['connect.challenge']);
    for (const client of [all, one, other, deaf]) client.socket.close();
  });
});

it('keeps sessions and answers through a restart, and asks no agent twice', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gangway-restart-'));
  const first = await startTestGateway({ home });
  const before = await RawClient.open(first.port);
  await before.connect({ scopes: ['operator.admin'] });
  const params = { message: '/tools', idempotencyKey: 'once' };
  const accepted = await before.request('agent', params);
  await before.next((frame) => frame.id === accepted.id && factsOf(frame)['status'] === 'ok');
  const { payload: identity } = await before.request('gateway.identity.get');
  await first.stop('restart');
  const second = await startTestGateway({ home });
  const after = await RawClient.open(second.port);
  await after.connect({ scopes: ['operator.admin'] });
  expect((await after.request('agent', params)).payload).toMatchObject({ status: 'ok' });
  expect(factsOf(await after.request('chat.history', { sessionKey: 'main' }))['totalMessages']).toBe(2);
  expect((await after.request('gateway.identity.get')).payload).toEqual(identity);
  await second.stop('test is over');
  rmSync(home, { recursive: true, force: true });
});

it('finishes the answers it has accepted before it stops, and tells them before it closes', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gangway-finish-'));
  const own = await startTestGateway({ home });
  const client = await RawClient.open(own.port);
  await client.connect({ scopes: ['operator.admin'] });
  const questions = Array.from({ length: 20 }, (_, index) => `q${index}`);
  await Promise.all(
    questions.map((idempotencyKey) =>
      client.request('chat.send', { sessionKey: 'main', message: '/help', idempotencyKey }),
    ),
  );
  await own.stop('gateway stopping');
  expect(await client.closed).toEqual({ code: 1012, reason: 'service restart' });
  const finals = client.frames.filter(
    ({ event, payload }) => event === 'chat' && (payload as unknown as Facts)['state'] === 'final',
  );
  expect(finals.map((frame) => factsOf(frame)['runId'])).toEqual(questions);
  const again = await startTestGateway({ home });
  const after = await RawClient.open(again.port);
  await after.connect({ scopes: ['operator.admin'] });
  expect(factsOf(await after.request('chat.history', { sessionKey: 'main' }))['totalMessages']).toBe(40);
  await again.stop('test is over');
  rmSync(home, { recursive: true, force: true });
});
