import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { AskingLine, type AskingLineOptions } from './testing/asking-line.ts';
import { generateKey, startPrivateSshd, whyNoPrivateSystem, type PrivateSshd } from './testing/private-sshd.ts';
import { PromptingServer } from './testing/prompting-server.ts';
import { startAgent } from './testing/real-agent.ts';
import { until } from './testing/until.ts';

const PASSWORD = 'open, sesame';
const why = whyNoPrivateSystem();
if (why !== undefined) console.warn(`passwords of a real sshd are not tested: ${why}`);

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll.toReversed()) await close();
  closeAll = [];
});

interface Account {
  /** Days since 1970; 0: it must be changed at once (shadow(5)). */
  readonly passwordSetAt?: number;
}

/** A real sshd in which the user has a password, though the machine has not. */
async function passwordSshd(config: readonly string[], { passwordSetAt = 20_000 }: Account = {}): Promise<PrivateSshd> {
  const hash = execFileSync('openssl', ['passwd', '-6', PASSWORD], { encoding: 'utf8' }).trim();
  const account = passwordSetAt === 0 ? 'pam_unix.so' : 'pam_permit.so';
  const pam = [
    'auth required pam_unix.so nodelay',
    `account required ${account}`,
    'session required pam_permit.so',
    'password required pam_unix.so',
  ];
  const server = await startPrivateSshd(['PermitRootLogin yes', ...config], {
    '/etc/shadow': `root:${hash}:${passwordSetAt}:0:99999:7:::\n`,
    '/etc/pam.d/sshd': `${pam.join('\n')}\n`,
  });
  closeAll.push(() => server.stop());
  return server;
}

function lineTo({ target, knownHostsFile }: PrivateSshd, options: Partial<AskingLineOptions> = {}): AskingLine {
  const line = new AskingLine({ target, knownHostsFile, ...options });
  closeAll.push(() => line.close());
  return line;
}

describe.skipIf(why !== undefined)('a server that takes', () => {
  it.each([
    ['the password method', ['PasswordAuthentication yes']],
    ['keyboard-interactive through PAM', ['UsePAM yes', 'KbdInteractiveAuthentication yes']],
    ['both', ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication yes']],
  ])('%s gets the password once it is given, and nobody is asked again', async (_what, config) => {
    const server = await passwordSshd(config);
    const line = lineTo(server);
    expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    expect(line.question).toMatchObject({ kind: 'password', user: server.user, attempt: 1, wrong: false });

    expect(await line.answer('nonsense')).toBe('redial');
    expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    expect(line.question).toMatchObject({ kind: 'password', attempt: 2, wrong: true });

    await line.answer(PASSWORD);
    expect(await line.dial()).toBe('the password');
    await server.restart();
    expect(await line.dial()).toBe('the password');
    expect(line.questions).toHaveLength(2);
    expect(line.secretsSeen).toEqual(['nonsense', PASSWORD]);
  });

  it('a key and then a password gets both', async () => {
    const methods = 'AuthenticationMethods publickey,keyboard-interactive';
    const server = await passwordSshd(['UsePAM yes', 'KbdInteractiveAuthentication yes', methods]);
    const line = lineTo(server, { identityFile: server.identityFile });
    expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
    await line.answer(PASSWORD);
    expect(await line.dial()).toBe('id_ed25519 and the password');
  });

  it.each([
    [6, 0],
    // How few it takes shows when it hangs up, and that happens once.
    [4, 1],
    [3, 1],
    [2, 1],
  ])(
    '%i tries at most gets the password though the agent is full of other keys',
    { timeout: 20_000 },
    async (tries, hangUps) => {
      const server = await passwordSshd(['PasswordAuthentication yes', `MaxAuthTries ${tries}`]);
      const keys = Array.from({ length: 7 }, (_, index) => join(server.dir, `other${index}`));
      for (const key of keys) generateKey(key);
      const agent = await startAgent(join(server.dir, 'agent'), keys);
      closeAll.push(() => agent.stop());
      const line = lineTo(server, { agentSocket: agent.socket });
      expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
      await line.answer('nonsense');
      // One failure more would be “Too many authentication failures”, which is a refusal and no question.
      expect(await line.dial()).toMatchObject({ code: 'ssh/answer-needed' });
      await line.answer(PASSWORD);
      expect(await line.dial()).toBe('the password');
      expect(server.log().match(/maximum authentication attempts exceeded/g) ?? []).toHaveLength(hangUps);
    },
  );
});

describe.skipIf(why !== undefined)('a password that has expired', () => {
  const expired = (config: readonly string[]) => passwordSshd(config, { passwordSetAt: 0 });
  const atOnce = (server: PrivateSshd) => ({
    code: 'ssh/password-expired',
    params: { host: '127.0.0.1', port: server.port, user: server.user },
  });

  it.each([
    ['the password method', ['PasswordAuthentication yes']],
    ['the password method through PAM', ['UsePAM yes', 'PasswordAuthentication yes']],
  ])('is told to who signs in by %s', async (_what, config) => {
    const server = await expired(config);
    const line = lineTo(server);
    await line.dial();
    await line.answer(PASSWORD);
    expect(await line.dial()).toBe('the password');
    expect(await line.probe()).toEqual(atOnce(server));
  });

  it('is told where the server asks for another one at once', async () => {
    const server = await PromptingServer.start({
      rounds: () => [],
      offers: ['password'],
      password: PASSWORD,
      isExpired: true,
    });
    closeAll.push(() => server.stop());
    const line = new AskingLine({ target: server.target });
    closeAll.push(() => line.close());
    await line.dial();
    await line.answer(PASSWORD);
    expect(await line.dial()).toMatchObject({ code: 'ssh/password-expired', params: { user: 'ann' } });
    expect(server.attempts).toEqual(['none', 'none', 'password']);
  });

  it('is told to who signs in with a key, where PAM looks at it', async () => {
    const server = await expired(['UsePAM yes']);
    const line = lineTo(server, { identityFile: server.identityFile });
    expect(await line.dial()).toBe('id_ed25519');
    expect(await line.probe()).toEqual(atOnce(server));
  });

  it('is not blamed for a server that forbids to forward', async () => {
    const server = await passwordSshd(['AllowTcpForwarding no']);
    const line = lineTo(server, { identityFile: server.identityFile });
    expect(await line.dial()).toBe('id_ed25519');
    expect(await line.probe()).toMatchObject({ code: 'ssh/forward-prohibited' });
  });

  it('can be changed where the server asks for it in a conversation', async () => {
    const server = await expired(['UsePAM yes', 'KbdInteractiveAuthentication yes']);
    const line = lineTo(server);
    await line.dial();
    await line.answer(PASSWORD);
    const dialled = line.dial();
    const asked: string[] = [];
    for (const answer of [PASSWORD, 'a quite different one']) {
      const { id, prompts } = await line.asks('prompts');
      asked.push(prompts.map(({ text }) => text).join());
      await line.answer(answer);
      await until('the next question', () => line.question !== undefined && line.question.id !== id);
    }
    const last = await line.asks('prompts');
    expect(asked[0]).toMatch(/change your password immediately[^]*Current password:$/);
    expect([asked[1], last.prompts]).toEqual(['New password:', [{ text: 'Retype new password:', echo: false }]]);
    line.signIn.withdraw();
    expect(await dialled).toMatchObject({ code: 'ssh/answer-needed' });
  });
});
