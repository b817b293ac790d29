import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Prompt } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { SignInMemory } from './sign-in-memory.ts';
import { AskingLine, type AskingLineOptions } from './testing/asking-line.ts';
import { MemorySecrets } from './testing/memory-secrets.ts';
import { generateKey, startPrivateSshd, type PrivateSshd } from './testing/private-sshd.ts';
import { PromptingServer, type PromptingServerOptions, type Round } from './testing/prompting-server.ts';
import { until } from './testing/until.ts';

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll.toReversed()) await close();
  closeAll = [];
});

function open(options: AskingLineOptions): AskingLine {
  const line = new AskingLine(options);
  closeAll.push(() => line.close());
  return line;
}

describe('a protected key', () => {
  let sshd: PrivateSshd;
  beforeEach(async () => {
    sshd = await startPrivateSshd();
    closeAll.push(() => sshd.stop());
    generateKey(sshd.identityFile, '-N', 'secret', '-a', '1');
    copyFileSync(`${sshd.identityFile}.pub`, join(sshd.dir, 'authorized_keys'));
  });

  it('is asked for once the server wants it, and for all lines at once', async () => {
    const memory = new SignInMemory();
    const { target, identityFile, knownHostsFile } = sshd;
    const line = open({ target, identityFile, knownHostsFile, memory });
    expect(await line.dial()).toEqual({
      code: 'ssh/answer-needed',
      params: { host: '127.0.0.1', wanted: 'the passphrase of id_ed25519' },
    });
    const fingerprint = expect.stringMatching(/^SHA256:/);
    const question = {
      kind: 'passphrase',
      key: 'id_ed25519',
      file: identityFile,
      fingerprint,
      attempt: 1,
      wrong: false,
    };
    expect(line.question).toMatchObject(question);

    expect(await line.answer('wrong')).toBe('asked-again');
    expect(line.question).toMatchObject({ kind: 'passphrase', attempt: 2, wrong: true });
    expect(await line.answer('secret')).toBe('redial');
    expect(line.question).toBeUndefined();
    expect(await line.dial()).toBe('id_ed25519');

    const other = open({ target, identityFile, knownHostsFile, memory });
    expect(await other.dial()).toBe('id_ed25519');
    expect(other.questions).toEqual([]);
  });

  it('keeps one question however often the line tries, and takes no answer to an older one', async () => {
    const { target, identityFile, knownHostsFile } = sshd;
    const line = open({ target, identityFile, knownHostsFile });
    await line.dial();
    const first = line.question?.id ?? '';
    await line.dial();
    expect(line.questions).toHaveLength(1);
    await line.answer('wrong');
    const late = line.signIn.answer({ questionId: first, answers: ['secret'], remember: false });
    expect(toErrorInfo(await late.catch((error: unknown) => error))).toMatchObject({ code: 'app/input-invalid' });
    line.signIn.decline(line.question?.id ?? '');
    expect(line.question).toBeUndefined();
  });

  it('is kept only when that was wished for and it was right, and forgotten when it is right no more', async () => {
    const secrets = new MemorySecrets();
    const { target, identityFile, knownHostsFile } = sshd;
    const options = { target, identityFile, knownHostsFile, secrets };
    const line = open(options);
    await line.dial();
    await line.remember('wrong');
    expect(secrets.kept.size).toBe(0);
    await line.remember('secret');
    expect([...secrets.kept.values()].join('')).toContain('secret');

    const nextDay = open(options);
    expect(await nextDay.dial()).toBe('id_ed25519');
    expect(nextDay.questions).toEqual([]);

    generateKey(identityFile, '-N', 'changed', '-a', '1');
    copyFileSync(`${identityFile}.pub`, join(sshd.dir, 'authorized_keys'));
    const later = open(options);
    expect(await later.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    expect(later.question).toMatchObject({ wrong: true });
    expect([...secrets.kept.values()].join('')).not.toContain('secret');
    await later.remember('changed');
    expect(await later.dial()).toBe('id_ed25519');
    await later.signIn.forget();
    expect(secrets.kept.size).toBe(0);
    expect(await later.dial()).toMatchObject({ code: 'ssh/answer-needed' });
  });
});

const code = (accepts: string, text = 'Verification code: '): Round => ({
  prompts: [{ prompt: text, echo: false }],
  accepts: ([answer]) => answer === accepts,
});

async function serve(options: PromptingServerOptions): Promise<PromptingServer> {
  const server = await PromptingServer.start(options);
  closeAll.push(() => server.stop());
  return server;
}

describe('a server that asks for a code', () => {
  it('gets it on the open connection, and anew each time', async () => {
    let expected = '111111';
    const server = await serve({ rounds: () => [code(expected)] });
    const line = open({ target: server.target });
    const dialling = line.dial();
    expect(await line.asks('prompts')).toMatchObject({
      prompts: [{ text: 'Verification code:', echo: false }],
      attempt: 1,
    });
    expect(await line.answer('111111')).toBe('taken');
    expect(await dialling).toBe('the answers');

    expected = '222222';
    server.hangUp();
    const again = line.dial();
    await line.asks('prompts');
    await line.answer('222222');
    expect(await again).toBe('the answers');
    expect(server.attempts.filter((attempt) => attempt.startsWith('answered'))).toEqual([
      'answered 111111',
      'answered 222222',
    ]);
  });

  it('may ask for several things in several rounds, some of which may be seen', async () => {
    const prompts: Prompt[] = [
      { prompt: 'Card number: ', echo: true },
      { prompt: 'PIN: ', echo: false },
    ];
    const first: Round = {
      title: 'Door',
      instruction: 'One\r\nTwo',
      prompts,
      accepts: ([card, pin]) => card === '7' && pin === '9',
    };
    const server = await serve({ rounds: () => [first, code('1')] });
    const line = open({ target: server.target });
    const dialling = line.dial();
    expect(await line.asks('prompts')).toMatchObject({
      title: 'Door',
      instruction: 'One\nTwo',
      prompts: [
        { text: 'Card number:', echo: true },
        { text: 'PIN:', echo: false },
      ],
    });
    await expect(line.answer('7')).rejects.toMatchObject({ info: { code: 'app/input-invalid' } });
    await line.answer('7', '9');
    await until('the second round', () => line.questions.length === 2);
    await line.answer('1');
    expect(await dialling).toBe('the answers');
  });

  it('asks again at once when the code was wrong, three times at most', async () => {
    const server = await serve({ rounds: () => [code('right')] });
    const line = open({ target: server.target });
    const dialling = line.dial();
    for (const attempt of [1, 2, 3]) {
      const question = await until('a question', () =>
        line.question?.attempt === attempt ? line.question : undefined,
      );
      expect(question.wrong).toBe(attempt > 1);
      await line.answer('wrong');
    }
    expect(await dialling).toMatchObject({ code: 'ssh/auth-rejected', params: { tried: ['the answers'] } });
    expect(line.question).toBeUndefined();
  });

  it('gets the password from memory beside the code, and the code is to blame first', async () => {
    let expected = '111111';
    const rounds = () => [code('sesame', "ann's password: "), code(expected)];
    const server = await serve({ rounds });
    const line = open({ target: server.target });
    await line.dial();
    expect(line.question).toMatchObject({ kind: 'password' });
    await line.answer('sesame');
    const dialling = line.dial();
    await line.asks('prompts');
    await line.answer('111111');
    expect(await dialling).toBe('the answers');

    expected = '222222';
    const again = line.dial();
    await line.asks('prompts');
    await line.answer('111111');
    await until('the second try', () => line.question?.wrong === true);
    await line.answer('222222');
    expect(await again).toBe('the answers');
    expect(line.questions.filter(({ kind }) => kind === 'password')).toHaveLength(1);
  });

  it('before the password gets both while somebody is there', async () => {
    const server = await serve({ rounds: () => [code('1'), code('sesame', 'Password:')] });
    const line = open({ target: server.target });
    const dialling = line.dial();
    await line.asks('prompts');
    await line.answer('1');
    await until('the password', () => line.questions.length === 2);
    expect(line.question).toMatchObject({ kind: 'prompts', prompts: [{ text: 'Password:' }] });
    await line.answer('sesame');
    expect(await dialling).toBe('the answers');
  });

  it('waits for a person as long as the server does, and is not asked again until the person is back', async () => {
    const clock = new FakeClock();
    const server = await serve({ rounds: () => [code('1')] });
    const line = open({ target: server.target, clock });
    const dialling = line.dial();
    await line.asks('prompts');
    expect(line.signIn.isAsking).toBe(true);
    await clock.advance(100_000);
    expect(await dialling).toMatchObject({
      code: 'ssh/answer-needed',
      params: { wanted: '“Verification code” to sign in' },
    });
    expect([line.question, line.signIn.isAsking]).toEqual([undefined, false]);
    expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    expect(line.questions).toHaveLength(1);

    line.signIn.personActed();
    const again = line.dial();
    await line.asks('prompts');
    await line.answer('1');
    expect(await again).toBe('the answers');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['the server hangs up', (server: PromptingServer) => server.hangUp()],
    [
      'the person declines',
      (_server: PromptingServer, line: AskingLine) => line.signIn.decline(line.question?.id ?? ''),
    ],
  ])('stops the attempts when %s meanwhile', async (_what, happen) => {
    const server = await serve({ rounds: () => [code('1')] });
    const line = open({ target: server.target });
    const dialling = line.dial();
    await line.asks('prompts');
    happen(server, line);
    expect(await dialling).toMatchObject({ code: 'ssh/answer-needed' });
    await until('the end of the question', () => line.question === undefined);
    await until('the end of the connection', () => server.connections === 0);
  });

  it('loses its question with an attempt that is replaced, as by a wake, and does not call a second time', async () => {
    const server = await serve({ rounds: () => [code('1')] });
    const line = open({ target: server.target });
    const replaced = new AbortController();
    const dialling = line.dial(replaced.signal);
    await line.asks('prompts');
    replaced.abort(new Error('replaced'));
    await dialling;
    await until('the end of the question', () => line.question === undefined);
    expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    expect(line.questions).toHaveLength(1);
  });

  it('asks again when it is the person who tries anew', async () => {
    const server = await serve({ rounds: () => [code('1')] });
    const line = open({ target: server.target });
    const replaced = new AbortController();
    const dialling = line.dial(replaced.signal);
    await line.asks('prompts');
    line.signIn.personActed();
    replaced.abort(new Error('replaced'));
    await dialling;
    const again = line.dial();
    await until('the second question', () => line.questions.length === 2);
    await line.answer('1');
    expect(await again).toBe('the answers');
  });

  it('disturbs nobody while the line is up, and asks when it turns out to be gone', async () => {
    const server = await serve({ rounds: () => [code('1')] });
    const line = open({ target: server.target });
    line.signIn.follow({ status: 'connected', localPort: 1, sinceMs: 0 });
    const cause = (await line.dial()) as ErrorInfo;
    expect(cause).toMatchObject({ code: 'ssh/answer-needed' });
    expect(line.questions).toEqual([]);
    expect(line.signIn.follow({ status: 'failed', sinceMs: 0, cause })).toBe('redial');
    const again = line.dial();
    await line.asks('prompts');
    await line.answer('1');
    expect(await again).toBe('the answers');
    expect(line.signIn.follow({ status: 'failed', sinceMs: 0, cause })).toBeUndefined();
  });

  it('is not let ring a phone twice that was not touched', async () => {
    const server = await serve({ rounds: () => [{ prompts: [], accepts: () => false }] });
    const line = open({ target: server.target });
    expect(await line.dial()).toMatchObject({ code: 'ssh/auth-rejected' });
    expect(server.attempts.filter((attempt) => attempt === 'keyboard-interactive')).toHaveLength(1);
  });

  it('may go on with a password', async () => {
    const server = await serve({ rounds: () => [code('1')], then: ['password'], password: 'sesame' });
    const line = open({ target: server.target });
    const first = line.dial();
    await line.asks('prompts');
    await line.answer('1');
    expect(await first).toMatchObject({ code: 'ssh/answer-needed' });
    await line.answer('sesame');
    const second = line.dial();
    await line.asks('prompts');
    await line.answer('1');
    expect(await second).toBe('the answers and the password');
  });

  it('is left alone where the configuration says that nobody sits there', async () => {
    const server = await serve({ rounds: () => [code('1')], offers: ['keyboard-interactive', 'password'] });
    const sshConfigFile = join(mkdtempSync(join(tmpdir(), 'gangway-batch-')), 'config');
    closeAll.push(() => rmSync(dirname(sshConfigFile), { recursive: true }));
    writeFileSync(sshConfigFile, 'BatchMode yes\n');
    const line = open({ target: server.target, sshConfigFile });
    expect(await line.dial()).toMatchObject({ code: 'ssh/no-credentials' });
    expect([line.questions, server.attempts]).toEqual([[], ['none']]);
  });

  it('cannot draw outside of its lines, nor ask without end', async () => {
    const odd: Round = {
      title: 'x'.repeat(300),
      instruction: 'a\u001B[2Jb\u202Ec',
      prompts: [{ prompt: '\u0007Code\n', echo: false }],
      accepts: () => true,
    };
    const line = open({ target: (await serve({ rounds: () => [odd] })).target });
    const dialling = line.dial();
    const question = await line.asks('prompts');
    expect(question).toMatchObject({ instruction: 'a [2Jb c', prompts: [{ text: 'Code' }] });
    expect(question.title).toHaveLength(100);
    line.signIn.withdraw();
    await dialling;

    const many: Round = {
      prompts: Array.from({ length: 9 }, () => ({ prompt: 'x', echo: false })),
      accepts: () => true,
    };
    const flooded = open({ target: (await serve({ rounds: () => [many] })).target });
    expect(await flooded.dial()).toMatchObject({ code: 'ssh/handshake-failed' });
  });
});
