import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeClock } from '../../platform/testing/fake-clock.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { toAddress } from '../sessions/session-key.ts';
import { SessionStore } from '../sessions/session-store.ts';
import { textOf } from '../sessions/transcript.ts';
import { StateDatabase } from '../state/state-database.ts';
import type { Agent, Turn } from './agent.ts';
import { RunBook, type Question } from './run-book.ts';
import { RunLedger } from './run-ledger.ts';

let folder: string;
let database: StateDatabase;
let clock: FakeClock;
let told: string[];
let sessions: SessionStore;
let ledger: RunLedger;
let runs: RunBook;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gangway-runs-'));
  clock = new FakeClock(1_000);
  told = [];
  open();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): void {
  database = StateDatabase.open(folder);
  sessions = new SessionStore(database);
  ledger = new RunLedger(database);
  const events = {
    accepted: ({ runId }: { runId: string }) => void told.push(`accepted ${runId}`),
    started: ({ runId }: { runId: string }) => void told.push(`started ${runId}`),
    said: (_run: unknown, piece: string) => void told.push(piece),
    ended: ({ runId, result }: { runId: string; result: { status: string } }) =>
      void told.push(`ended ${runId} ${result.status}`),
  };
  runs = new RunBook({ database, sessions, ledger, events, clock, log: nullLogger });
}

/** Says one word after the other, each when it is let. */
class Speaker implements Agent {
  readonly id = 'main';
  readonly name = 'Speaker';
  readonly provider = 'test';
  readonly model = 'words';
  readonly asked: Turn[] = [];
  #words = Promise.withResolvers<string | undefined>();

  say(word: string | undefined): void {
    const { resolve } = this.#words;
    this.#words = Promise.withResolvers();
    resolve(word);
  }

  async *answer(turn: Turn): AsyncGenerator<string> {
    this.asked.push(turn);
    const aborted = new Promise<undefined>((resolve) =>
      turn.signal.addEventListener('abort', () => resolve(undefined)),
    );
    for (;;) {
      const word = await Promise.race([this.#words.promise, aborted]);
      if (word === undefined) return;
      if (word === 'fail') throw new TypeError('a secret of the provider');
      yield word;
    }
  }
}

let speaker: Speaker;
beforeEach(() => {
  speaker = new Speaker();
});

const question = (runId: string, more: Partial<Question> = {}): Question => ({
  runId,
  address: toAddress('main'),
  agent: speaker,
  message: `question ${runId}`,
  timeoutMs: 60_000,
  ...more,
});

async function begun(): Promise<void> {
  await expect.poll(() => told.at(-1)).toMatch(/^started/);
}

async function transcript(): Promise<readonly string[]> {
  const session = sessions.find('agent:main:main');
  return sessions.tail(session?.sessionId ?? '', { limit: 100 }).map(({ message }) => textOf(message));
}

describe('a question', () => {
  it('is kept, then answered piece by piece, then the answer is kept', async () => {
    const acceptance = await runs.ask(question('a'));
    expect(acceptance).toMatchObject({ status: 'started', run: { runId: 'a', sessionKey: 'agent:main:main' } });
    expect(await transcript()).toEqual(['question a']);
    await begun();
    speaker.say('Hello ');
    await expect.poll(() => told.at(-1)).toBe('Hello ');
    speaker.say(undefined);
    await runs.settle();
    expect(told).toEqual(['accepted a', 'started a', 'Hello ', 'ended a ok']);
    expect(await transcript()).toEqual(['question a', 'Hello ']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('sent again is answered once: while it goes on, and after', async () => {
    const first = await runs.ask(question('a'));
    expect(await runs.ask(question('a'))).toMatchObject({ status: 'going-on', run: { runId: 'a' } });
    await begun();
    speaker.say(undefined);
    await runs.settle();
    expect(first.status).toBe('started');
    expect(await runs.ask(question('a'))).toMatchObject({ status: 'ended', run: { result: { status: 'ok' } } });
    expect(await transcript()).toEqual(['question a']);
  });

  it('sent twice at the same instant is kept once', async () => {
    const both = await Promise.all([runs.ask(question('a')), runs.ask(question('a'))]);
    expect(both.map(({ status }) => status)).toEqual(['started', 'going-on']);
    await begun();
    speaker.say(undefined);
    await runs.settle();
    expect(await transcript()).toEqual(['question a']);
  });

  it('waits for the one before in its session, and for no other', async () => {
    const other = new Speaker();
    await Promise.all([
      runs.ask(question('a')),
      runs.ask(question('b')),
      runs.ask(question('c', { address: toAddress('side'), agent: other })),
    ]);
    await expect.poll(() => other.asked.length).toBe(1);
    expect(speaker.asked.map(({ message }) => message)).toEqual(['question a']);
    speaker.say(undefined);
    await expect.poll(() => speaker.asked.length).toBe(2);
    const history = speaker.asked[1]?.history().map(textOf);
    speaker.say(undefined);
    other.say(undefined);
    await runs.settle();
    expect(history).toEqual(['question a']);
  });

  it('that cannot be kept is not accepted', async () => {
    database.all('PRAGMA query_only = 1');
    await expect(runs.ask(question('a'))).rejects.toMatchObject({ info: { code: 'gateway/state-unwritable' } });
    await runs.settle();
    database.all('PRAGMA query_only = 0');
    expect(told).toEqual([]);
    expect((await runs.ask(question('a'))).status).toBe('started');
    await begun();
    await runs.stop();
  });
});

describe('an answer', () => {
  it('that is stopped keeps what was said', async () => {
    await runs.ask(question('a'));
    await begun();
    speaker.say('Half');
    await expect.poll(() => told.at(-1)).toBe('Half');
    expect(runs.abort({ sessionKey: 'agent:main:main', runId: 'other' })).toEqual([]);
    expect(runs.abort({ sessionKey: 'agent:main:main' })).toEqual(['a']);
    await runs.settle();
    expect(told.at(-1)).toBe('ended a aborted');
    expect(await transcript()).toEqual(['question a', 'Half']);
  });

  it('that takes too long is stopped', async () => {
    await runs.ask(question('a', { timeoutMs: 5_000 }));
    await begun();
    await clock.advance(5_000);
    await runs.settle();
    expect(ledger.find('a')?.result).toEqual({ status: 'timeout', text: '' });
  });

  it('that fails is told without the words of the fault', async () => {
    const acceptance = await runs.ask(question('a'));
    await begun();
    speaker.say('fail');
    await runs.settle();
    expect(acceptance.status).toBe('started');
    expect(ledger.find('a')?.result).toMatchObject({ status: 'error' });
    expect(JSON.stringify(ledger.find('a'))).not.toContain('secret');
  });

  it('that cannot be kept is told as failed', async () => {
    await runs.ask(question('a'));
    await begun();
    database.all('PRAGMA query_only = 1');
    speaker.say(undefined);
    await runs.settle();
    expect(told.at(-1)).toBe('ended a error');
    database.all('PRAGMA query_only = 0');
    expect(await runs.ask(question('a'))).toMatchObject({ status: 'ended', run: { result: { status: 'error' } } });
    expect(await transcript()).toEqual(['question a']);
  });

  it('to a session that was reset meanwhile does not come into the new transcript', async () => {
    await runs.ask(question('a'));
    await begun();
    sessions.reset('agent:main:main', clock.now());
    speaker.say('late');
    await expect.poll(() => told.at(-1)).toBe('late');
    speaker.say(undefined);
    await runs.settle();
    expect(await transcript()).toEqual([]);
  });

  it('that was interrupted by the end of the process is told as such by the next', async () => {
    await runs.ask(question('a'));
    await begun();
    await runs.stop();
    database.run('UPDATE runs SET result = NULL');
    database.close();
    open();
    ledger.tidy(clock.now());
    const again = await runs.ask(question('a'));
    expect(again).toMatchObject({ status: 'ended', run: { result: { status: 'error' } } });
  });
});

it('that has said everything is not stopped any more while its answer is being kept', async () => {
  const agent: Agent = {
    id: 'main',
    name: 'Quick',
    provider: 'test',
    model: 'words',
    async *answer() {
      yield 'all of it';
      setImmediate(() => told.push(`stopped ${runs.abort({}).join()}`));
    },
  };
  const acceptance = await runs.ask(question('a', { agent }));
  if (acceptance.status !== 'started') throw new Error('it is started');
  expect(await acceptance.ended).toMatchObject({ result: { status: 'ok', text: 'all of it' } });
  expect(told.slice(-2)).toEqual(['stopped ', 'ended a ok']);
});
