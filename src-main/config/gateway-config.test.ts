import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createNodeFiles } from '../platform/node-files.ts';
import { loadGatewayConfig } from './gateway-config.ts';

const DEFAULTS = {
  port: 18_789,
  bind: 'loopback',
  host: undefined,
  auth: {
    mode: undefined,
    token: undefined,
    password: undefined,
    allowTailscale: undefined,
    rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: true },
  },
  controlUi: { enabled: true, allowedOrigins: [] },
  trustedProxies: [],
  nodes: { autoApproveLocal: true, commands: { allow: [], deny: [] } },
  tailscale: { mode: 'off', port: 443, resetOnExit: true, allowedUserIds: [] },
  tls: { enabled: false, autoGenerate: true, certPath: undefined, keyPath: undefined },
};

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-config-'));
  path = join(dir, 'gateway.json5');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function load(text: string) {
  writeFileSync(path, text);
  return loadGatewayConfig(path, createNodeFiles());
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const { problems } = await load(text);
  return problems.map(({ code, params }) => {
    const { key, line, expected = 'unknown' } = params as { key: string; line: number; expected?: string };
    return `${code} ${key} ${line}: ${expected}`;
  });
}

describe('a good file', () => {
  it('is not needed', async () => {
    expect(await loadGatewayConfig(path, createNodeFiles())).toEqual({
      config: DEFAULTS,
      problems: [],
      exists: false,
      fatal: false,
    });
  });

  it.each(['{}', '{ gateway: {} }', '{ gateway: { auth: {}, controlUi: {} } } // nothing'])(
    'gives the defaults for what %s leaves out',
    async (text) => {
      expect(await load(text)).toEqual({ config: DEFAULTS, problems: [], exists: true, fatal: false });
    },
  );

  it('is read with its comments, and left as it is', async () => {
    const text = `{
      // who may come in
      gateway: {
        port: 19000, bind: 'custom', customBindHost: '10.0.0.5',
        auth: { mode: 'password', password: 'correct horse', token: 'also-here', rateLimit: { maxAttempts: 3, exemptLoopback: false },
          allowTailscale: false, tailscaleUserIds: ['4711'] },
        tailscale: { mode: 'funnel', resetOnExit: false, port: 8443 },
        tls: { enabled: true, autoGenerate: false, certPath: '/etc/gw/cert.pem', keyPath: '/etc/gw/key.pem' },
        controlUi: { enabled: false, allowedOrigins: ['https://gw.example', 'http://localhost:5173'] },
        trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
        nodes: { pairing: { autoApproveLocal: false }, commands: { allow: ['file.fetch'], deny: ['system.run'] } },
      },
    }`;
    expect(await load(text)).toEqual({
      config: {
        port: 19_000,
        bind: 'custom',
        host: '10.0.0.5',
        auth: {
          mode: 'password',
          token: 'also-here',
          password: 'correct horse',
          allowTailscale: false,
          rateLimit: { maxAttempts: 3, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: false },
        },
        controlUi: { enabled: false, allowedOrigins: ['https://gw.example', 'http://localhost:5173'] },
        trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
        nodes: { autoApproveLocal: false, commands: { allow: ['file.fetch'], deny: ['system.run'] } },
        tailscale: { mode: 'funnel', resetOnExit: false, port: 8443, allowedUserIds: ['4711'] },
        tls: { enabled: true, autoGenerate: false, certPath: '/etc/gw/cert.pem', keyPath: '/etc/gw/key.pem' },
      },
      problems: [],
      exists: true,
      fatal: false,
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('a file with faults', () => {
  it('falls back key by key, and tells each with its line', async () => {
    const text = `{
      gateway: {
        port: 'high',
        bind: 'everywhere',
        trustedProxies: ['10.0.0.1', 'proxy.example',
          '10.0.0.0/33'],
      },
      models: { providers: {} },
    }`;
    expect(await problemsOf(text)).toEqual([
      'config/key-invalid gateway.port 3: a whole number from 1 to 65535',
      'config/key-invalid gateway.bind 4: “loopback”, “tailnet”, “lan” or “custom”',
      'config/key-invalid gateway.trustedProxies[1] 5: an IP address, or a network such as 10.0.0.0/8',
      'config/key-invalid gateway.trustedProxies[2] 6: an IP address, or a network such as 10.0.0.0/8',
      'config/key-unknown models 8: unknown',
    ]);
    expect((await load(text)).config).toEqual({ ...DEFAULTS, trustedProxies: ['10.0.0.1'] });
  });

  it.each<[string, unknown, string]>([
    ['gateway', 5, 'config/key-invalid gateway 1: an object'],
    ['gateway', { auth: 'none' }, 'config/key-invalid gateway.auth 1: an object'],
    ['gateway', { auth: { mode: 'nope' } }, 'config/key-invalid gateway.auth.mode 1: “none”, “token” or “password”'],
    [
      'gateway',
      { auth: { rateLimit: { maxAttempts: 0 } } },
      'config/key-invalid gateway.auth.rateLimit.maxAttempts 1: a whole number from 1 to 1000',
    ],
    ['gateway', { controlUi: { enabled: 'no' } }, 'config/key-invalid gateway.controlUi.enabled 1: true or false'],
    [
      'gateway',
      { controlUi: { allowedOrigins: ['*'] } },
      'config/key-invalid gateway.controlUi.allowedOrigins[0] 1: an origin such as https://gateway.example, without a path',
    ],
    [
      'gateway',
      { bind: 'custom' },
      'config/key-invalid gateway.bind 1: “custom” only with an address in gateway.customBindHost',
    ],
    [
      'gateway',
      { bind: 'custom', customBindHost: 'gw.example' },
      'config/key-invalid gateway.customBindHost 1: an IP address of this computer',
    ],
    [
      'gateway',
      { nodes: { commands: { allow: ['rm -rf'] } } },
      'config/key-invalid gateway.nodes.commands.allow[0] 1: the name of a command of nodes, such as system.which',
    ],
    ['gateway', { auth: { tokenFile: 'x' } }, 'config/key-unknown gateway.auth.tokenFile 1: unknown'],
  ])('tells what is wrong with %s: %j', async (key, value, problem) => {
    expect(await problemsOf(JSON.stringify({ [key]: value }))).toContain(problem);
    expect((await load(JSON.stringify({ [key]: value }))).config).toEqual(DEFAULTS);
  });

  it.each([
    '${OPENCLAW_GATEWAY_TOKEN}',
    '__OPENCLAW_REDACTED__',
    '«…abcd»',
    '',
    ' ',
    ' padded',
    'two\nlines',
    5,
    { source: 'env' },
  ])('does not take %j for a secret, and does not open the gateway for it', async (token) => {
    const { config, problems } = await load(JSON.stringify({ gateway: { auth: { mode: 'token', token } } }));
    expect(config.auth).toMatchObject({ mode: 'token', token: undefined });
    expect(problems).toMatchObject([{ code: 'config/key-invalid', params: { key: 'gateway.auth.token' } }]);
  });
});

describe('a file no gateway may be started from', () => {
  it('cannot be understood', async () => {
    expect(await load('{\n gateway: {\n  auth: { mode "token" }\n}')).toEqual({
      config: DEFAULTS,
      problems: [
        {
          code: 'config/unreadable',
          params: { file: path, line: 3, problem: "the character '\"' does not belong there" },
        },
      ],
      exists: true,
      fatal: true,
    });
  });

  it('cannot be read', async () => {
    mkdirSync(path);
    expect(await loadGatewayConfig(path, createNodeFiles())).toMatchObject({
      problems: [{ code: 'config/unreadable', params: { line: 1 } }],
      exists: true,
      fatal: true,
    });
  });

  it.each(['', 'mode: "trusted-proxy",'])('gives two secrets and does not choose (%s)', async (mode) => {
    const loaded = await load(`{ gateway: { auth: { ${mode} token: 'one', password: 'two' } } }`);
    expect(loaded.fatal).toBe(true);
    expect(loaded.problems[0]).toMatchObject({ code: 'config/key-invalid', params: { key: 'gateway.auth.mode' } });
  });
});
