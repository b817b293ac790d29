import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import type { Files } from '../platform/ports.ts';
import type { GatewayRecord, Settings } from './settings-schema.ts';
import { SettingsStore } from './settings-store.ts';

let dir: string;
let path: string;
let store: SettingsStore;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-settings-'));
  path = join(dir, 'settings.json');
  store = new SettingsStore(path, createNodeFiles());
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(path, text);
const written = (): unknown => JSON.parse(readFileSync(path, 'utf8'));
const reload = async (): Promise<Settings> => (await new SettingsStore(path, createNodeFiles()).load()).settings;

function direct(id: string, name = id): GatewayRecord {
  const route = {
    kind: 'direct',
    url: 'wss://gw.example/',
    tlsFingerprint: undefined,
    trustedNetwork: undefined,
  } as const;
  return { id: id as GatewayId, name, flag: { pattern: 1, hue: 1 }, ...route };
}

const add = (record: GatewayRecord) => (settings: Settings) => ({
  ...settings,
  gateways: [...settings.gateways, record],
});
const onPort = (port: number) => (settings: Settings) => ({ ...settings, local: { ...settings.local, port } });
const off = (settings: Settings): Settings => ({ ...settings, use: undefined });

describe('loading', () => {
  it('gives the defaults on a fresh home and writes nothing', async () => {
    expect(await store.load()).toMatchObject({ settings: { use: 'local', gateways: [] }, problems: [] });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('refuses to tell settings that were not loaded', () => {
    expect(() => store.current).toThrow(TypeError);
  });

  it('does not rewrite a file with an invalid key', async () => {
    const text = '{ "local": { "port": "x" } } // mine';
    write(text);
    expect((await store.load()).problems).toMatchObject([
      { code: 'settings/key-invalid', params: { key: 'local.port' } },
    ]);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(dir)).toEqual(['settings.json']);
  });

  it('keeps a broken file, copies it aside once, and tells the line', async () => {
    write('{\n  "use": oops\n}');
    const problem = { code: 'settings/unreadable', params: { file: path, line: 2, copy: `${path}.broken-1` } };
    expect(await store.load()).toMatchObject({ settings: { use: 'local' }, problems: [problem] });
    expect(await store.load()).toMatchObject({ problems: [problem] });
    expect(readdirSync(dir).toSorted()).toEqual(['settings.json', 'settings.json.broken-1']);

    write('{ broken in another way');
    expect(await store.load()).toMatchObject({ problems: [{ params: { copy: `${path}.broken-2` } }] });
    expect(readFileSync(`${path}.broken-1`, 'utf8')).toContain('oops');
  });

  it('tells that a broken file could not be copied aside, and never overwrites it then', async () => {
    write('{ broken');
    const files: Files = {
      ...createNodeFiles(),
      copy: async (_from, to) => {
        throw fail('app/file-unwritable', { file: to, reason: 'there is no space left on the disk' });
      },
    };
    const full = new SettingsStore(path, files);
    expect((await full.load()).problems.map(({ code }) => code)).toEqual([
      'settings/unreadable',
      'app/file-unwritable',
    ]);
    await expect(full.update(off)).rejects.toThrow('app/file-unwritable');
    expect(readFileSync(path, 'utf8')).toBe('{ broken');
  });

  it('tells of a file that cannot be read, and never overwrites it', async () => {
    mkdirSync(path);
    expect(await store.load()).toMatchObject({ problems: [{ code: 'settings/unreadable' }] });
    await expect(store.update(off)).rejects.toMatchObject({ info: { code: 'app/file-unwritable' } });
  });
});

describe('a file of a newer version', () => {
  const text = '{ "version": 2, "future": true }';

  it('is neither loaded nor overwritten', async () => {
    write(text);
    await expect(store.load()).rejects.toThrow('settings/newer-than-app');
    await expect(store.update(off)).rejects.toThrow('settings/newer-than-app');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is not overwritten either when it appears while the app runs', async () => {
    await store.load();
    write(text);
    await expect(store.update(off)).rejects.toThrow('settings/newer-than-app');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('updating', () => {
  it('writes only what was chosen, pretty, for the owner only', async () => {
    await store.load();
    await store.update(onPort(19_000));
    expect(readFileSync(path, 'utf8')).toBe('{\n  "local": {\n    "port": 19000\n  },\n  "version": 1\n}\n');
    expect(store.current.local.port).toBe(19_000);
  });

  it.runIf(process.platform !== 'win32')('keeps the file from other users', async () => {
    write('{}');
    chmodSync(path, 0o644);
    await store.update(off);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes nothing when nothing changed', async () => {
    write('{ "use": null } // mine');
    await store.load();
    await store.update(off);
    await store.update((settings) => ({ ...settings, gateways: [] }));
    expect(readFileSync(path, 'utf8')).toBe('{ "use": null } // mine');
  });

  it('keeps unknown keys and what stands in invalid ones', async () => {
    const bad = { id: 'bad', kind: 'ssh', target: '' };
    const known = { ...direct('known'), note: 'mine' };
    write(JSON.stringify({ $schema: 's', local: { port: 'x', other: 1 }, gateways: [bad, known, 'odd'], future: [1] }));
    await store.load();
    await store.update((settings) => ({
      ...settings,
      local: { ...settings.local, attach: true },
      gateways: [...settings.gateways.map((record) => ({ ...record, name: 'Renamed' })), direct('new')],
    }));
    expect(written()).toEqual({
      version: 1,
      $schema: 's',
      local: { port: 'x', other: 1, attach: true },
      gateways: [{ ...known, name: 'Renamed' }, direct('new'), bad, 'odd'],
      future: [1],
    });
  });

  it('forgets a gateway, and the wish for it', async () => {
    await store.update(add(direct('a')));
    await store.update((settings) => ({ ...add(direct('b'))(settings), use: 'a' as GatewayId }));
    await store.update((settings) => ({ ...settings, gateways: settings.gateways.filter(({ id }) => id !== 'a') }));
    expect(store.current).toMatchObject({ use: undefined, gateways: [{ id: 'b' }] });
    expect(await reload()).toEqual(store.current);
  });

  it('keeps an edit by hand that was made meanwhile', async () => {
    await store.load();
    write('{ "local": { "attach": true }, "note": 1 }');
    await store.update(onPort(19_000));
    expect(written()).toEqual({ version: 1, local: { attach: true, port: 19_000 }, note: 1 });
    expect(store.current.local).toEqual({ attach: true, port: 19_000 });
  });

  it('copies aside what broke meanwhile, and goes on with what it knows', async () => {
    await store.update(add(direct('a')));
    write('{ "local": ');
    await store.update(onPort(19_000));
    expect(readFileSync(`${path}.broken-1`, 'utf8')).toBe('{ "local": ');
    expect(await reload()).toMatchObject({ local: { port: 19_000 }, gateways: [{ id: 'a' }] });
  });

  it('writes everything anew when the file was deleted meanwhile', async () => {
    await store.update(add(direct('a')));
    unlinkSync(path);
    await store.update(onPort(19_000));
    expect(await reload()).toMatchObject({ local: { port: 19_000 }, gateways: [{ id: 'a' }] });
  });

  it('replaces a broken file after its copy was made', async () => {
    write('{ broken');
    await store.load();
    await store.update(off);
    expect(written()).toEqual({ version: 1, use: null });
    expect(readFileSync(`${path}.broken-1`, 'utf8')).toBe('{ broken');
  });

  it('refuses what could not be loaded again', async () => {
    await store.load();
    await expect(store.update(onPort(70_000))).rejects.toMatchObject({
      info: { code: 'app/input-invalid', params: { problem: '“local.port” should be a whole number from 1 to 65535' } },
    });
    await expect(store.update((settings) => add(direct('a'))(add(direct('a'))(settings)))).rejects.toThrow(
      'app/input-invalid',
    );
    expect(store.current.local.port).toBeUndefined();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('keeps the old settings when the disk refuses, and works again afterwards', async () => {
    const nodeFiles = createNodeFiles();
    let isFull = true;
    const files: Files = {
      ...nodeFiles,
      writeAtomic: async (file, text) => {
        if (isFull) throw fail('app/file-unwritable', { file, reason: 'there is no space left on the disk' });
        await nodeFiles.writeAtomic(file, text);
      },
    };
    const tight = new SettingsStore(path, files);
    await tight.load();
    await expect(tight.update(onPort(19_000))).rejects.toThrow('app/file-unwritable');
    expect(tight.current.local.port).toBeUndefined();
    isFull = false;
    await tight.update(onPort(19_001));
    expect(await reload()).toMatchObject({ local: { port: 19_001 } });
  });

  it('loses nothing when updates come all at once', async () => {
    await store.load();
    await Promise.all(Array.from({ length: 25 }, (_, index) => store.update(add(direct(`gw-${index}`)))));
    expect((await reload()).gateways.map(({ id }) => id)).toEqual(
      Array.from({ length: 25 }, (_, index) => `gw-${index}`),
    );
  });

  it('goes on after an update that throws', async () => {
    const bug = store.update(() => {
      throw new TypeError('bug');
    });
    const good = store.update(onPort(19_000));
    await expect(bug).rejects.toThrow('bug');
    await good;
    expect(store.current.local.port).toBe(19_000);
  });
});

describe('whatever is saved', () => {
  /** Repeatable numbers below a limit. */
  function createRandom(seed: number): (limit: number) => number {
    let state = seed;
    return (limit) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
  }

  function anySettings(random: (limit: number) => number): Settings {
    const pick = <T>(...values: readonly T[]): T => values[random(values.length)] as T;
    const port = (): number => 1 + random(65_535);
    const flag = () => ({ pattern: 1 + random(6), hue: 1 + random(6) });
    const record = (index: number): GatewayRecord => {
      const common = {
        id: `g-${index}` as GatewayId,
        name: pick('Desk', '“Büro” \\ {', 'ünï 💻', "it's"),
        flag: flag(),
      };
      const tlsFingerprint = pick(undefined, Array.from({ length: 32 }, () => 'A7').join(':'));
      if (random(2) === 0) {
        const url = pick('wss://gw.example', 'ws://[::1]:1/x');
        return { ...common, kind: 'direct', url, tlsFingerprint, trustedNetwork: pick(undefined, true, false) };
      }
      const file = () => pick(undefined, '/User/me/.ssh/id', 'C:\\keys\\id ä');
      const files = { identityFile: file(), knownHostsFile: file(), sshConfigFile: file() };
      const ports = { remotePort: port(), localPort: port() };
      return {
        ...common,
        kind: 'ssh',
        target: pick('desk', 'me@desk:22'),
        forwards: Array.from({ length: random(3) }, () => ({
          localPort: port(),
          remoteHost: pick('127.0.0.1', '::1', 'db.local'),
          remotePort: port(),
        })),
        engine: pick('built-in', 'system-ssh'),
        remoteHost: pick('127.0.0.1', '::1'),
        ...ports,
        ...files,
      };
    };
    const gateways = Array.from({ length: random(5) }, (_, index) => record(index));
    const use = pick(undefined, 'local' as GatewayId, ...gateways.map(({ id }) => id));
    const keep = gateways.map(({ id }) => id).filter(() => random(2) === 0);
    return { version: 1, use, keep, local: { port: port(), attach: random(2) === 0 }, gateways };
  }

  it('is what is loaded, from any settings to any others', async () => {
    const random = createRandom(11);
    for (let round = 0; round < 150; round += 1) {
      const settings = anySettings(random);
      await store.update(() => settings);
      expect(await reload()).toStrictEqual(settings);
    }
  });
});
