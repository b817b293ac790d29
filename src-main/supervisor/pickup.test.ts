import { describe, expect, it } from 'vitest';

import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import type { Link } from '../ssh/link.ts';
import type { RemoteRun } from '../ssh/remote-run.ts';
import { createPickup, type Errand } from './pickup.ts';

const REQUEST = '5b1c0e0a-77d1-4c1e-9a57-0d7f6d1d3f10';
const done = (stdout: string, exitCode: number | undefined = 0): RemoteRun => ({ status: 'done', exitCode, stdout });
const MISSING = done('', 127);
const ours = (port: number): RemoteRun => done(JSON.stringify({ port, mode: 'token', token: 'of-ours' }));
const dashboard = (port: number): RemoteRun =>
  done(JSON.stringify({ ok: true, url: `http://127.0.0.1:${port}/#token=of-openclaw`, port, tokenIncluded: true }));
const list = (deviceId: string, requestId = REQUEST, port?: number): RemoteRun =>
  done(
    JSON.stringify({
      port,
      pending: [
        { requestId: 'r-other', deviceId: 'x' },
        { requestId, deviceId },
      ],
      paired: [],
    }),
  );

/** A line over which each program answers as told, by a word of its command. */
function scripted(answers: Readonly<Record<string, RemoteRun>>) {
  const ran: string[] = [];
  const run = async (command: string): Promise<RemoteRun> => {
    ran.push(command);
    return Object.entries(answers).find(([word]) => command.includes(word))?.[1] ?? MISSING;
  };
  return { ran, link: { run } as unknown as Link };
}

const UNAPPROVED: ErrorInfo = {
  code: 'gateway/pairing-required',
  params: { gateway: 'Studio', requestId: REQUEST, deviceId: 'd-own' },
};

function errand(link: Link, changes: Partial<Errand> = {}): Errand {
  const route = {
    kind: 'ssh',
    target: 'studio',
    engine: 'built-in',
    remoteHost: '127.0.0.1',
    remotePort: 18_789,
    localPort: 1,
    forwards: [],
    identityFile: undefined,
    knownHostsFile: undefined,
    sshConfigFile: undefined,
  } as const;
  return {
    what: 'token',
    route,
    name: 'Studio',
    cause: undefined,
    link,
    signal: new AbortController().signal,
    ...changes,
  };
}

const kept: string[] = [];
const pickup = createPickup({
  whoAndWhere: async () => ({ user: 'ada', host: 'studio' }),
  dial: async () => {
    throw new Error('the line that is there is enough');
  },
  keepSecret: (token) => kept.push(token),
  log: nullLogger,
});

const reason = (error: unknown): unknown => (toErrorInfo(error).params as { reason?: unknown }).reason;

describe('fetching the token', () => {
  it('asks our own program first, and no other when it knows', async () => {
    const { ran, link } = scripted({ gangway: ours(18_789), openclaw: dashboard(18_789) });
    expect(await pickup.fetchToken(errand(link))).toBe('of-ours');
    expect(ran).toEqual([`exec "$SHELL" -lc 'gangway gateway token --json'`]);
    expect(kept).toContain('of-ours');
  });

  it.each<[string, Readonly<Record<string, RemoteRun>>]>([
    ['is not there', {}],
    ['knows another gateway', { gangway: ours(19_000) }],
    ['is too old to know the word', { gangway: done('', 64) }],
  ])('asks openclaw where our own %s', async (_what, answers) => {
    const { link } = scripted({ ...answers, openclaw: dashboard(18_789) });
    expect(await pickup.fetchToken(errand(link))).toBe('of-openclaw');
  });

  it.each<[string, Readonly<Record<string, RemoteRun>>]>([
    ['no-program', {}],
    ['other-gateway', { openclaw: dashboard(19_000) }],
    ['not-understood', { openclaw: done('hello') }],
    ['program-failed', { openclaw: done('{"ok":false}', 1) }],
    ['no-token', { gangway: done('{"port":18789,"mode":"password"}') }],
    ['refused', { gangway: { status: 'refused' } }],
    ['timeout', { gangway: { status: 'timeout' } }],
    ['cancelled', { gangway: { status: 'cancelled' } }],
    ['not-understood', { gangway: { status: 'too-long' } }],
  ])('fails with %s', async (expected, answers) => {
    expect(await pickup.fetchToken(errand(scripted(answers).link)).catch(reason)).toBe(expected);
  });

  it('runs nothing for a gateway that is behind that computer', async () => {
    const { ran, link } = scripted({ gangway: ours(18_789) });
    const route = { ...errand(link).route, remoteHost: '10.0.0.7' };
    expect(await pickup.fetchToken(errand(link, { route })).catch(reason)).toBe('elsewhere');
    expect(ran).toEqual([]);
  });

  it('shows exactly what it runs', async () => {
    const { ran, link } = scripted({});
    const plan = await pickup.plan(errand(link));
    await pickup.fetchToken(errand(link)).catch(reason);
    expect(plan).toEqual({ user: 'ada', host: 'studio', commands: ran, deviceId: undefined });
  });
});

describe('approving this device', () => {
  const asking = (link: Link, cause: ErrorInfo | undefined = UNAPPROVED): Errand =>
    errand(link, { what: 'approval', cause });

  it('approves its own request, as planned', async () => {
    const { ran, link } = scripted({ 'openclaw devices list': list('d-own'), 'devices approve': done('{}') });
    await pickup.approve(asking(link));
    const words = ['gangway gateway devices list', 'openclaw devices list', `openclaw devices approve ${REQUEST}`];
    expect(ran).toEqual(words.map((text) => `exec "$SHELL" -lc '${text} --json'`));
    const { commands, deviceId } = await pickup.plan(asking(link));
    expect(deviceId).toBe('d-own');
    expect(commands).toEqual([
      ran[0],
      `exec "$SHELL" -lc 'gangway gateway devices approve ${REQUEST} --json'`,
      ...ran.slice(1),
    ]);
  });

  it('asks nobody else where our own program has approved it', async () => {
    const { ran, link } = scripted({ 'devices list': list('d-own', REQUEST, 18_789), 'devices approve': done('{}') });
    await pickup.approve(asking(link));
    expect(ran.every((command) => command.includes('gangway gateway devices'))).toBe(true);
    expect(ran).toHaveLength(2);
  });

  it('approves nothing at another gateway of that computer', async () => {
    const { ran, link } = scripted({
      'gangway gateway': list('d-own', REQUEST, 19_000),
      'devices approve': done('{}'),
    });
    expect(await pickup.approve(asking(link)).catch(reason)).toBe('other-gateway');
    expect(ran.filter((command) => command.includes('approve'))).toEqual([]);
  });

  it.each<[string, RemoteRun]>([
    ['other-device', list('d-of-somebody-else')],
    ['no-request', list('d-own', 'r-17')],
    ['not-understood', done('hello')],
    ['no-program', MISSING],
    ['program-failed', done('', 1)],
  ])('leaves every other request alone: %s', async (expected, listed) => {
    const { ran, link } = scripted({ 'openclaw devices list': listed, 'devices approve': done('{}') });
    expect(await pickup.approve(asking(link)).catch(reason)).toBe(expected);
    expect(ran.filter((command) => command.includes('approve'))).toEqual([]);
  });

  it.each([`x'; rm -rf ~; '`, '--latest', '$(id)', '', 'a b', 'x'.repeat(81)])(
    'never makes %j a word of a command',
    async (requestId) => {
      const { ran, link } = scripted({});
      const cause: ErrorInfo = { code: 'gateway/pairing-required', params: { gateway: 'Studio', requestId } };
      expect(await pickup.approve(asking(link, cause)).catch(reason)).toBe('no-request');
      expect(await pickup.plan(asking(link, cause)).catch(reason)).toBe('no-request');
      expect(ran).toEqual([]);
    },
  );
});
