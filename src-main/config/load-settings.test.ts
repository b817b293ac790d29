import { describe, expect, it } from 'vitest';

import { describeError } from '../contract/errors.ts';
import { loadSettings } from './load-settings.ts';
import { migrate } from './settings-migrations.ts';

const DEFAULTS = { version: 1, use: 'local', keep: [], local: { port: undefined, attach: false }, gateways: [] };

function load(text: string) {
  const loaded = loadSettings(text, 'settings.json');
  if (loaded.status === 'unreadable') throw new TypeError(`unreadable at line ${loaded.line}`);
  return loaded;
}

/** `key line: expected` of each problem. */
function problemsOf(text: string): readonly string[] {
  return load(text).problems.map(({ code, params }) => {
    if (code !== 'settings/key-invalid') throw new TypeError(code);
    const { key, line, expected } = params as { key: string; line: number; expected: string };
    return `${key} ${line}: ${expected}`;
  });
}

const desk = { id: 'desk', name: 'Desk', flag: { pattern: 2, hue: 5 }, kind: 'ssh', target: 'me@desk' };

describe('a good file', () => {
  it.each(['{}', '{"version":1}', '{"$schema":"x","unknown":{"a":1}}'])(
    'gives the defaults for what %s leaves out',
    (text) => {
      expect(load(text)).toMatchObject({ settings: DEFAULTS, problems: [] });
    },
  );

  it('fills in what a record leaves out', () => {
    expect(load(JSON.stringify({ gateways: [desk] })).settings.gateways).toStrictEqual([
      {
        ...desk,
        engine: 'built-in',
        forwards: [],
        remoteHost: '127.0.0.1',
        remotePort: 18_789,
        localPort: 18_789,
        identityFile: undefined,
        knownHostsFile: undefined,
        sshConfigFile: undefined,
      },
    ]);
  });

  it('knows off from a wish that was never made', () => {
    expect(load('{"use":null}').settings.use).toBeUndefined();
    expect(load('{}').settings.use).toBe('local');
  });
});

describe('a file with faults', () => {
  it('repairs key by key, and tells each with its line', () => {
    const text = `{
      // by hand
      local: {
        port: "18789",
        attach: true,
      },
      use: 7,
      gateways: [
        { id: "ok", name: "Ok", kind: "direct", url: "wss://gw.example" },
        { id: "bad", name: "Bad", kind: "ssh",
          target: "-oProxyCommand=x", remotePort: 0 },
      ],
    }`;
    const { settings } = load(text);
    expect(settings).toMatchObject({ use: 'local', keep: [], local: { port: undefined, attach: true } });
    expect(settings.gateways.map(({ id }) => id)).toEqual(['ok']);
    expect(problemsOf(text)).toEqual([
      'use 7: the id of a gateway in the list, “local”, or null for off',
      'local.port 4: a whole number from 1 to 65535',
      'gateways[1].target 11: user@host, user@host:port or an alias of the SSH configuration',
      'gateways[1].remotePort 11: a whole number from 1 to 65535',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['local', 5, 'local 1: an object with port and attach'],
    ['local', { port: 1.5 }, 'local.port 1: a whole number from 1 to 65535'],
    ['local', { port: 65_536 }, 'local.port 1: a whole number from 1 to 65535'],
    ['local', { attach: 'yes' }, 'local.attach 1: true or false'],
    ['gateways', {}, 'gateways 1: a list of gateways'],
    ['gateways', [null], 'gateways[0] 1: an object with an id, a name and a kind, which is “ssh” or “direct”'],
    [
      'gateways',
      [{ ...desk, kind: 'tailscale' }],
      'gateways[0].kind 1: an object with an id, a name and a kind, which is “ssh” or “direct”',
    ],
    [
      'gateways',
      [{ ...desk, id: 'local' }],
      'gateways[0].id 1: a word of small letters, digits and hyphens, other than “local”',
    ],
    [
      'gateways',
      [{ ...desk, id: '../x' }],
      'gateways[0].id 1: a word of small letters, digits and hyphens, other than “local”',
    ],
    ['gateways', [{ ...desk, name: ' ' }], 'gateways[0].name 1: a name of 1 to 64 characters'],
    ['gateways', [{ ...desk, name: 'a\u001B[31m' }], 'gateways[0].name 1: a name of 1 to 64 characters'],
    [
      'gateways',
      [{ ...desk, flag: { pattern: 7, hue: 1 } }],
      'gateways[0].flag.pattern 1: a pattern and a hue, each from 1 to 6',
    ],
    ['gateways', [{ ...desk, remoteHost: '-x' }], 'gateways[0].remoteHost 1: a host name or an address'],
    ['gateways', [{ ...desk, identityFile: '' }], 'gateways[0].identityFile 1: the path of a file'],
    ['gateways', [desk, desk], 'gateways[1].id 1: an id that no other gateway has'],
    ['version', 'one', 'version 1: the number 1'],
    ['version', 0, 'version 1: the number 1'],
  ])('says what %s should be instead of %j', (key, value, problem) => {
    expect(problemsOf(JSON.stringify({ [key]: value }))).toEqual([problem]);
  });

  it.each([
    'http://gw.example',
    'ws://me:secret@gw.example',
    'wss://gw.example/?token=x',
    'wss://gw.example/#token=x',
    'gw.example',
    '',
  ])('does not take “%s” for the address of a gateway', (url) => {
    const record = { id: 'far', name: 'Far', kind: 'direct', url };
    expect(problemsOf(JSON.stringify({ gateways: [record] }))[0]).toMatch('a ws:// or wss:// address');
  });

  it('switches off when the gateway that was wanted is not there, and starts no other', () => {
    const text = JSON.stringify({ use: 'desk', gateways: [{ ...desk, target: '' }] });
    expect(load(text).settings.use).toBeUndefined();
    expect(problemsOf(text)).toContain('use 1: the id of a valid gateway in the list');
  });

  it('words its problems for the catalogue', () => {
    const [problem] = load('{"local":{"port":0}}').problems;
    expect(problem && describeError(problem).body).toBe(
      'settings.json, line 1: “local.port” should be a whole number from 1 to 65535. The default is used; the file was not changed.',
    );
  });

  it('tells the line of text that cannot be understood', () => {
    expect(loadSettings('{\n "use": "local",\n', 'f')).toEqual({ status: 'unreadable', line: 3 });
  });
});

describe('formats', () => {
  it('refuses a file from a newer version', () => {
    expect(() => loadSettings('{"version":2}', '/h/settings.json')).toThrow(
      expect.objectContaining({
        info: { code: 'settings/newer-than-app', params: { file: '/h/settings.json', found: 2, supported: 1 } },
      }),
    );
  });

  it('carries an old file through every migration it needs, and no other', () => {
    const steps = ['two', 'three', 'four'].map((step) => (raw: Readonly<Record<string, unknown>>) => ({
      ...raw,
      steps: [...((raw['steps'] as string[] | undefined) ?? []), step],
    }));
    expect(migrate({ kept: 1 }, 1, steps)).toEqual({ kept: 1, steps: ['two', 'three', 'four'] });
    expect(migrate({}, 3, steps)).toEqual({ steps: ['four'] });
    expect(migrate({ kept: 1 }, 4, steps)).toEqual({ kept: 1 });
  });

  // As a first version writes it. Stays as it is when formats are added.
  const VERSION_1 = `{
  "version": 1,
  "use": "desk",
  "local": { "port": 18909, "attach": true },
  "gateways": [
    { "id": "desk", "name": "Desk", "flag": { "pattern": 2, "hue": 5 }, "kind": "ssh", "target": "me@desk",
      "remoteHost": "127.0.0.1", "remotePort": 18789, "localPort": 18789, "identityFile": "/User/me/.ssh/id" },
    { "id": "far", "name": "Far", "flag": { "pattern": 3, "hue": 1 }, "kind": "direct", "url": "wss://gw.example/" }
  ]
}`;

  it('reads a file of format 1', () => {
    expect(load(VERSION_1)).toMatchObject({
      settings: {
        use: 'desk',
        local: { port: 18_909, attach: true },
        gateways: [
          { id: 'desk', target: 'me@desk', identityFile: '/User/me/.ssh/id' },
          { id: 'far', url: 'wss://gw.example/' },
        ],
      },
      problems: [],
    });
  });
});
