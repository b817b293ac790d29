import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import type { GatewayRunOptions } from '../contract/gateway-host.ts';
import type { LogFields, Logger } from '../platform/ports.ts';
import { nodeClock } from '../platform/node-clock.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { followConfig } from './config-reload.ts';
import { REDACTED } from '../contract/config-view.ts';
import { GatewayConfigFile } from './gateway-config-file.ts';

let dir: string;
let path: string;
let file: GatewayConfigFile;
const files = createNodeFiles();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-config-file-'));
  path = join(dir, 'gateway.json5');
  file = new GatewayConfigFile(path, files);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SECRET = 'correct-horse-battery';
const TEXT = `{
  // token: "an-older-secret-of-mine"
  gateway: {
    port: 19000, // behind the proxy
    auth: { mode: 'token', token: '${SECRET}' },
  },
  models: { providers: { local: { apiKey: 'sk-another-secret-value' } } },
}
`;

const OTHERS = `{
  keys: { apiKeys: ['one-of-the-keys', 'one-of-the-keys-too'] },
  proxy: { url: 'http://user:pass-of-the-proxy@127.0.0.1:3128' },
  mcp: { args: ['--token', 'behind-the-flag', 'on'] },
}
`;

const text = (): string => readFileSync(path, 'utf8');

async function patch(change: unknown): Promise<unknown> {
  return file.patch(JSON.stringify(change), (await file.view()).hash);
}

describe('what clients see of the file', () => {
  it('has no secret in it, not even in a comment', async () => {
    writeFileSync(path, TEXT);
    const view = await file.view();
    expect(view).toMatchObject({ exists: true, valid: true, issues: [] });
    expect(view.parsed).toMatchObject({
      gateway: { port: 19_000, auth: { mode: 'token', token: REDACTED } },
      models: { providers: { local: { apiKey: REDACTED } } },
    });
    const all = JSON.stringify(view);
    for (const secret of [SECRET, 'sk-another-secret-value', 'an-older-secret-of-mine'])
      expect(all).not.toContain(secret);
    expect(view.raw).toContain('// behind the proxy');
    expect(view.raw).toContain(`token: "${REDACTED}"`);
  });

  it('has no secret of other programs in it: in a list, in a URL, or behind a flag', async () => {
    writeFileSync(path, OTHERS);
    const { parsed, raw } = await file.view();
    for (const secret of ['one-of-the-keys', 'pass-of-the-proxy', 'behind-the-flag'])
      expect(`${JSON.stringify(parsed)} ${raw}`).not.toContain(secret);
    expect(parsed).toMatchObject({
      keys: { apiKeys: [REDACTED, REDACTED] },
      mcp: { args: ['--token', REDACTED, 'on'] },
    });
  });

  it('is named by a hash that differs with the content and says nothing about it', async () => {
    writeFileSync(path, TEXT);
    const { hash } = await file.view();
    expect((await file.view()).hash).toBe(hash);
    expect((await new GatewayConfigFile(path, files).view()).hash).not.toBe(hash);
    writeFileSync(path, `${TEXT} `);
    expect((await file.view()).hash).not.toBe(hash);
  });

  it.each([
    ['{ gateway: {', [{ path: '', message: expect.stringContaining('line 1: ') as unknown }]],
    ['{ gateway: { port: "high" } }', [{ path: 'gateway.port', message: 'should be a whole number from 1 to 65535' }]],
    ['{ plugins: {} }', []],
  ])('tells what is wrong with %s', async (content, issues) => {
    writeFileSync(path, content);
    expect(await file.view()).toMatchObject({ valid: issues.length === 0, issues });
  });
});

describe('a change', () => {
  it('keeps comments, unknown keys and secrets, and the text before as a copy', async () => {
    writeFileSync(path, TEXT);
    const change = { gateway: { port: 19_001, auth: { token: REDACTED }, controlUi: { enabled: false } } };
    expect(await patch(change)).toMatchObject({
      status: 'written',
      changedPaths: ['gateway.port', 'gateway.controlUi'],
    });
    expect(text()).toBe(
      TEXT.replace('19000', '19001').replace(
        `token: '${SECRET}' },\n`,
        `token: '${SECRET}' },\n    controlUi: {\n      enabled: false,\n    },\n`,
      ),
    );
    expect(readFileSync(`${path}.bak`, 'utf8')).toBe(TEXT);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('that sends back what was shown keeps each secret where it stands', async () => {
    writeFileSync(path, OTHERS);
    const shown = (await file.view()).parsed as object;
    expect(await patch({ ...shown, gateway: { port: 19_001 } })).toMatchObject({ changedPaths: ['gateway'] });
    expect(text()).toContain(OTHERS.slice(2, OTHERS.lastIndexOf('}')));
  });

  it('takes keys out, and makes the file when there is none', async () => {
    expect(await patch({ gateway: { port: 19_000, bind: 'loopback' } })).toMatchObject({ status: 'written' });
    expect(await patch({ gateway: { bind: null, nothing: null } })).toMatchObject({ changedPaths: ['gateway.bind'] });
    expect((await file.view()).parsed).toEqual({ gateway: { port: 19_000 } });
  });

  it('that changes nothing writes nothing', async () => {
    writeFileSync(path, TEXT);
    const before = statSync(path).mtimeMs;
    expect(await patch({ gateway: { port: 19_000 } })).toMatchObject({ status: 'written', changedPaths: [] });
    expect(statSync(path).mtimeMs).toBe(before);
  });

  it('on an older base is refused, and of two at once one is', async () => {
    writeFileSync(path, TEXT);
    const { hash } = await file.view();
    const both = await Promise.all([1, 2].map((port) => file.patch(`{gateway:{port:${port}}}`, hash)));
    expect(both.map(({ status }) => status)).toEqual(['written', 'stale']);
    expect(text()).toContain('port: 1,');
  });

  it.each<[unknown, string]>([
    [{ gateway: { port: 'high' } }, 'gateway.port: should be a whole number from 1 to 65535'],
    [{ gateway: { auth: { token: '${TOKEN}' } } }, 'gateway.auth.token: should be the secret itself'],
    [{ gateway: { auth: { mode: null, password: 'two' } } }, 'gateway.auth.mode: should be'],
    [{ elsewhere: { token: REDACTED } }, 'elsewhere: a hidden secret cannot be written'],
    [{ models: { providers: { local: { apiKey: [REDACTED] } } } }, 'local.apiKey: a hidden secret cannot be written'],
    [[1], ': the file should hold one object'],
  ])('%j is refused with the place, and the file stays as it is', async (change, message) => {
    writeFileSync(path, TEXT);
    const outcome = (await patch(change)) as { status: string; issues: { path: string; message: string }[] };
    expect(outcome.status).toBe('invalid');
    expect(outcome.issues.map((issue) => `${issue.path}: ${issue.message}`).join()).toContain(message);
    expect(text()).toBe(TEXT);
  });

  it('is not held up by a fault that was there before', async () => {
    writeFileSync(path, '{ gateway: { bind: "everywhere" } }');
    expect(await patch({ gateway: { port: 19_001 } })).toMatchObject({ status: 'written', view: { valid: false } });
  });
});

describe('a running gateway', () => {
  const running: GatewayRunOptions = {
    home: '/nowhere',
    configFile: '/nowhere/gateway.json5',
    version: '1',
    bind: 'loopback',
    host: undefined,
    port: 19_000,
    auth: { mode: 'token', token: SECRET },
    controlUi: { enabled: true, root: '/nowhere', allowedOrigins: [] },
    rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: true },
    trustedProxies: ['10.0.0.9'],
    nodes: { autoApproveLocal: true, commands: { allow: [], deny: [] } },
    tailscale: { mode: 'off', port: 443, resetOnExit: true, allowIdentity: true, allowedUserIds: [] },
    tls: undefined,
  };

  /** Follows the file with `options`; each change resolves with what was applied or what was said against it. */
  async function follow(options: GatewayRunOptions, accepts: (next: GatewayRunOptions) => boolean = () => true) {
    const told: unknown[] = [];
    const said = (message: string, fields?: LogFields): void => void told.push({ message, ...fields });
    const log: Logger = { ...nullLogger, info: said, warn: said };
    const apply = async (next: GatewayRunOptions): Promise<void> => {
      if (!accepts(next)) throw fail('gateway/bind-needs-secret', { bind: next.bind });
      told.push(next);
    };
    const stop = await followConfig(path, options, { files, clock: nodeClock, log, apply });
    const change = async (content: string): Promise<unknown[]> => {
      told.length = 0;
      writeFileSync(path, content);
      await expect.poll(() => told.length, { timeout: 5_000 }).toBeGreaterThan(0);
      return told;
    };
    return { change, stop };
  }

  it('takes over what the file changes and says what waits for the next start', async () => {
    writeFileSync(path, TEXT);
    const { change, stop } = await follow(running);
    const origins = "controlUi: { allowedOrigins: ['https://gw.example'] }";
    const [applied, said] = await change(
      TEXT.replace(SECRET, 'another-secret-value')
        .replace('19000', '19001')
        .replace('// behind', `\n    ${origins}, // behind`),
    );
    expect(applied).toMatchObject({
      port: 19_000,
      auth: { mode: 'token', token: 'another-secret-value' },
      controlUi: { allowedOrigins: ['https://gw.example'] },
      trustedProxies: ['10.0.0.9'],
    });
    expect(said).toMatchObject({ needsRestart: ['gateway.port'] });
    stop();
  });

  it('goes on with what it has when the file has a fault, and takes the next good one', async () => {
    writeFileSync(path, TEXT);
    const { change, stop } = await follow(running);
    expect(await change('{ gateway: ')).toMatchObject([{ message: expect.stringContaining('is not used') as unknown }]);
    expect(await change('{ gateway: { port: "high" } }')).toMatchObject([{ faults: [{ code: 'config/key-invalid' }] }]);
    expect(await change(TEXT.replace(SECRET, 'another-secret-value'))).toMatchObject([
      { auth: { token: 'another-secret-value' } },
      {},
    ]);
    stop();
  });

  it('keeps a secret that did not come from the file, or that the file no longer holds', async () => {
    writeFileSync(path, '{}');
    const given = await follow(running);
    const [applied] = await given.change('{ gateway: { auth: { token: "another-secret-value" } } }');
    expect(applied).toMatchObject({ auth: { token: SECRET } });
    given.stop();
    writeFileSync(path, TEXT);
    const read = await follow(running);
    expect(await read.change('{}')).toMatchObject([{ auth: { token: SECRET } }, {}]);
    read.stop();
  });

  it('goes on with what it has when the change would open it too far', async () => {
    writeFileSync(path, TEXT);
    const isLong = ({ auth }: GatewayRunOptions): boolean => auth.mode === 'token' && auth.token.length >= 16;
    const { change, stop } = await follow(running, isLong);
    const refused = { message: expect.stringContaining('it would open the gateway too far') as unknown };
    expect(await change(TEXT.replace(SECRET, 'weak'))).toMatchObject([refused]);
    expect(await change(TEXT.replace(SECRET, 'another-secret-value'))).toMatchObject([
      { auth: { token: 'another-secret-value' } },
      {},
    ]);
    stop();
  });

  it('takes a change that was refused once the gateway may be as weak as that', async () => {
    const clock = new FakeClock();
    writeFileSync(path, TEXT);
    const told: string[] = [];
    const said = (message: string): void => void told.push(message);
    const log: Logger = { ...nullLogger, info: said, warn: said };
    let isOpen = true;
    const apply = async ({ bind }: GatewayRunOptions): Promise<void> => {
      if (isOpen) throw fail('gateway/bind-needs-secret', { bind });
    };
    const stop = await followConfig(path, running, { files, clock, log, apply });
    writeFileSync(path, TEXT.replace(SECRET, 'another-secret-value'));
    // Time stands still until the change of the file has been noticed.
    await expect.poll(() => clock.pendingTimers, { timeout: 5_000 }).toBe(1);
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(5_000);
      await expect.poll(() => clock.pendingTimers).toBe(1);
    }
    expect(told).toEqual([expect.stringContaining('is not used')]);
    isOpen = false;
    await clock.advance(5_000);
    await expect.poll(() => told.at(-1)).toBe('the configuration was read again');
    stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('changes how one signs in with the file, and back byte by byte', async () => {
    const own = { isModeGiven: false, otherwise: 'token', token: SECRET, password: undefined } as const;
    const before = '{ gateway: { port: 19000 } }';
    writeFileSync(path, before);
    const { change, stop } = await follow({ ...running, authSources: own });
    const password = 'correct horse battery staple';
    const funnel = `{ gateway: { port: 19000, auth: { mode: "password", password: "${password}" } } }`;
    // Whoever asks for a password wants the password, and not who-it-is.
    expect(await change(funnel)).toMatchObject([
      { auth: { mode: 'password', password }, tailscale: { allowIdentity: false } },
      { needsRestart: [] },
    ]);
    expect(await change(funnel.replace('correct', 'another'))).toMatchObject([
      { auth: { mode: 'password', password: 'another horse battery staple' } },
      {},
    ]);
    expect(await change(before)).toMatchObject([
      { auth: { mode: 'token', token: SECRET }, tailscale: { allowIdentity: true } },
      { needsRestart: [] },
    ]);
    expect(await change('{ gateway: { auth: { mode: "none" } } }')).toMatchObject([{ auth: { mode: 'none' } }, {}]);
    stop();
  });

  it.each<[string, GatewayRunOptions['authSources'], string, object, readonly string[]]>([
    ['was given on the command line', sources({ isModeGiven: true }), '{ mode: "none" }', { mode: 'token' }, []],
    ['has no secret', sources({}), '{ mode: "password" }', { mode: 'token' }, ['gateway.auth.mode']],
    [
      'has its secret in the environment',
      sources({ password: 'from-the-environment' }),
      '{ mode: "password" }',
      { mode: 'password', password: 'from-the-environment' },
      [],
    ],
  ])('that is asked for another mode, which %s', async (_name, authSources, auth, expected, needsRestart) => {
    writeFileSync(path, '{}');
    const { change, stop } = await follow({ ...running, ...(authSources && { authSources }) });
    expect(await change(`{ gateway: { auth: ${auth} } }`)).toMatchObject([{ auth: expected }, { needsRestart }]);
    stop();
  });

  it('takes over whom who-it-is is enough for', async () => {
    writeFileSync(path, TEXT);
    const { change, stop } = await follow(running);
    const rules = 'allowTailscale: false, tailscaleUserIds: ["7"], mode';
    expect(await change(TEXT.replace(' mode', ` ${rules}`))).toMatchObject([
      { tailscale: { mode: 'off', allowIdentity: false, allowedUserIds: ['7'] } },
      { needsRestart: [] },
    ]);
    stop();
  });

  it.each(['off', 'serve'] as const)('keeps %s of the command line beside what the file asks for', async (given) => {
    writeFileSync(path, '{ tailscale: { mode: "serve" } }');
    const tailscale = { ...running.tailscale, mode: 'serve', given } as const;
    const { change, stop } = await follow({ ...running, tailscale });
    expect(await change('{ gateway: { tailscale: { mode: "funnel" } } }')).toMatchObject([
      { tailscale: { mode: 'funnel', given } },
      { needsRestart: [] },
    ]);
    stop();
  });

  it('takes over limits and the rules of nodes', async () => {
    writeFileSync(path, TEXT);
    const { change, stop } = await follow(running);
    const rules = 'nodes: { pairing: { autoApproveLocal: false }, commands: { allow: ["file.fetch"] } },';
    expect(await change(TEXT.replace('// behind', `\n ${rules} // behind`))).toMatchObject([
      { nodes: { autoApproveLocal: false, commands: { allow: ['file.fetch'], deny: [] } } },
      { needsRestart: [] },
    ]);
    stop();
  });
});

function sources(known: Partial<NonNullable<GatewayRunOptions['authSources']>>) {
  return { isModeGiven: false, otherwise: 'token', token: undefined, password: undefined, ...known } as const;
}
