import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { SignIn } from '../ssh/sign-in.ts';
import { SignInMemory } from '../ssh/sign-in-memory.ts';
import type { ResolvedHost } from '../ssh/resolve-host.ts';
import type { Tunnel } from '../ssh/tunnel.ts';
import { DirectPath, SshPath } from './paths.ts';
import { unreachable } from './testing/facts.ts';

const holder = { pid: 7, program: 'nginx' };

function createPath() {
  let become: (state: TunnelState) => void = () => {};
  let retries = 0;
  const tunnel = {
    state: { status: 'stopped' } as TunnelState,
    held: 0,
    description: undefined,
    retryNow: () => (retries += 1),
    stop: async () => {},
  };
  const signIn = new SignIn({
    memory: new SignInMemory(),
    opener: { open: async () => ({ status: 'wrong-passphrase' }) },
    kept: undefined,
    clock: new FakeClock(),
    log: nullLogger,
    onChange: () => {},
    onSecret: () => {},
  });
  const path = new SshPath({
    createTunnel: (onChange) => {
      become = (state) => {
        tunnel.state = state;
        onChange(state);
      };
      return tunnel as unknown as Tunnel;
    },
    signIn,
    explainPort: async (port): Promise<ErrorInfo> => ({
      code: 'gateway/port-taken',
      params: { port, holder, suggestedPort: port + 120 },
    }),
    remote: '127.0.0.1:18789',
    localPort: 4_000,
    onChange: () => {},
  });
  return { path, become, signIn, retries: () => retries };
}

const waiting: TunnelState = { status: 'waiting', sinceMs: 5, attempt: 3, retryAtMs: 9, cause: unreachable };

const host = { name: 'studio', host: 'studio', port: 22, user: 'ann' } as ResolvedHost;
const cause: ErrorInfo = {
  code: 'ssh/answer-needed',
  params: { host: 'studio', wanted: 'the password of ann@studio' },
};
const needed: TunnelState = { status: 'failed', sinceMs: 7, cause };

describe('a path that needs a password', () => {
  async function asking() {
    const made = createPath();
    made.become({ status: 'connecting', attempt: 1, sinceMs: 1 });
    await made.signIn.password(host).catch(() => {});
    made.become(needed);
    return made;
  }

  it('asks instead of having failed, and goes on with the answer', async () => {
    const { path, signIn, retries } = await asking();
    expect(path.state).toMatchObject({ status: 'asks', question: { kind: 'password', host: 'studio', user: 'ann' } });
    const questionId = signIn.question?.id ?? '';
    await path.signIn.answer({ questionId, answers: ['sesame'], remember: false });
    expect(retries()).toBe(1);
    expect(path.state).toEqual(needed);
    expect(await signIn.password(host)).toBe('sesame');
  });

  it('connects after an answer, though the line was lost before', async () => {
    const { path, become, signIn } = createPath();
    become(waiting);
    become({ status: 'connecting', attempt: 4, sinceMs: 5 });
    await signIn.password(host).catch(() => {});
    expect(path.state.status).toBe('asks');
    await path.signIn.answer({ questionId: signIn.question?.id ?? '', answers: ['sesame'], remember: false });
    expect(path.state.status).toBe('connecting');
  });

  it('has failed when the person declines, and asks anew when it is tried again', async () => {
    const { path, signIn } = await asking();
    path.signIn.decline(signIn.question?.id ?? '');
    expect(path.state).toEqual(needed);
    await signIn.password(host).catch(() => {});
    expect(path.state).toMatchObject({ status: 'asks', question: { attempt: 1 } });
  });

  it('asks nothing any more once it is stopped', async () => {
    const { path, signIn } = await asking();
    await path.stop();
    expect(signIn.question).toBeUndefined();
  });
});

describe('a path over SSH', () => {
  it('keeps the reason in view while it tries again', () => {
    const { path, become } = createPath();
    become(waiting);
    become({ status: 'connecting', attempt: 4, sinceMs: 5 });
    expect(path.state).toEqual({ ...waiting, attempt: 4 });
  });

  it('shows a first attempt, and one of a new outage, as what it is', () => {
    const { path, become } = createPath();
    become({ status: 'connecting', attempt: 1, sinceMs: 1 });
    expect(path.state.status).toBe('connecting');
    become(waiting);
    become({ status: 'connected', localPort: 4_000, sinceMs: 20 });
    become({ status: 'connecting', attempt: 1, sinceMs: 30 });
    expect(path.state.status).toBe('connecting');
  });

  it('has an address for local programs while the line is being rebuilt, and none once it has failed', () => {
    const { path, become } = createPath();
    expect(path.url).toBeUndefined();
    become(waiting);
    expect(path.url).toBe('ws://127.0.0.1:4000');
    become({ status: 'failed', sinceMs: 1, cause: unreachable });
    expect(path.url).toBeUndefined();
  });

  it('says who holds the local port as soon as that is known', async () => {
    const { path, become } = createPath();
    const params = { port: 4_000, holder: { pid: undefined, program: undefined }, suggestedPort: undefined };
    become({ status: 'failed', sinceMs: 1, cause: { code: 'gateway/port-taken', params } });
    await settle();
    expect(path.state).toMatchObject({ status: 'failed', cause: { params: { holder, suggestedPort: 4_120 } } });
  });
});

describe('a gateway at its own address', () => {
  const stateOf = (url: string, trustedNetwork: boolean | undefined) => {
    const path = new DirectPath({ url, tlsFingerprint: undefined, trustedNetwork }, new FakeClock(), () => {});
    path.start();
    return path.state;
  };

  it.each([
    ['wss://studio.example', undefined],
    ['ws://127.0.0.1:1', undefined],
    ['ws://192.168.1.5:1', true],
  ])('is reached at %s', (url, trusted) => {
    expect(stateOf(url, trusted)).toMatchObject({ status: 'ready', url });
  });

  // The file of settings can be written by hand.
  it.each([
    ['ws://192.168.1.5:1', undefined, false],
    ['ws://studio.example', undefined, false],
    ['ws://203.0.113.7', true, true],
  ])('is not sent anything in the clear at %s', (url, trusted, isPublic) => {
    const cause = { code: 'gateway/insecure-url', params: { url, isPublic } };
    expect(stateOf(url, trusted)).toEqual({ status: 'failed', sinceMs: 0, cause });
  });
});
