import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../contract/errors.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import { FakeClock, settle } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { SignIn } from '../ssh/sign-in.ts';
import { SignInMemory } from '../ssh/sign-in-memory.ts';
import type { Tunnel } from '../ssh/tunnel.ts';
import { SshPath } from './paths.ts';
import { unreachable } from './testing/facts.ts';

const holder = { pid: 7, program: 'nginx' };

function createPath() {
  let become: (state: TunnelState) => void = () => {};
  const tunnel = { state: { status: 'stopped' } as TunnelState, held: 0, description: undefined };
  const path = new SshPath({
    createTunnel: (onChange) => {
      become = (state) => {
        tunnel.state = state;
        onChange(state);
      };
      return tunnel as unknown as Tunnel;
    },
    signIn: new SignIn({
      memory: new SignInMemory(),
      opener: { open: async () => ({ status: 'wrong-passphrase' }) },
      kept: undefined,
      clock: new FakeClock(),
      log: nullLogger,
      onChange: () => {},
      onSecret: () => {},
    }),
    explainPort: async (port): Promise<ErrorInfo> => ({
      code: 'gateway/port-taken',
      params: { port, holder, suggestedPort: port + 120 },
    }),
    remote: '127.0.0.1:18789',
    localPort: 4_000,
    onChange: () => {},
  });
  return { path, become };
}

const waiting: TunnelState = { status: 'waiting', sinceMs: 5, attempt: 3, retryAtMs: 9, cause: unreachable };

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
