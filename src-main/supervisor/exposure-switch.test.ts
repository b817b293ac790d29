import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { GatewayConfigFile } from '../config/gateway-config-file.ts';
import { changeConfig, undoChange } from '../config/undoable-change.ts';
import { fail } from '../contract/errors.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { ExposureSwitch } from './exposure-switch.ts';
import { CLOSED, FakeExposedGateway } from './testing/fake-exposed-gateway.ts';

const MINUTE = 60_000;
const TEXT = `// Mine.\n{ gateway: { auth: { token: 'a-token-of-16-characters', }, }, strange: [1,2 ] }\n`;
const PASSWORD = 'correct horse battery';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gangway-switch-'));
  path = join(folder, 'gateway.json5');
  await writeFile(path, TEXT);
});
afterEach(() => rm(folder, { recursive: true }));

function setUp({ sits = true, runs = true } = {}) {
  const gateway = new FakeExposedGateway();
  const clock = new FakeClock(1_000);
  const files = createNodeFiles();
  const file = new GatewayConfigFile(path, files);
  const copied: string[] = [];
  const secrets: string[] = [];
  const refused: string[] = [];
  const restarts: string[] = [];
  /** Whether the password was there already. */
  const renewed: boolean[] = [];
  const exposure = new ExposureSwitch({
    gateway: () => (runs ? gateway : undefined),
    config: {
      change: async (patch) => {
        const change = await changeConfig(file, patch, files);
        queueMicrotask(() => gateway.takeOver('password'));
        return change;
      },
      undo: async (change) => {
        await undoChange(file.path, change, files);
        gateway.takeOver('token');
      },
    },
    copy: sits ? async (text) => void copied.push(text) : undefined,
    restart: async () => void restarts.push('restart'),
    renew: () => void renewed.push(existsSync(path) && readFileSync(path, 'utf8').includes(PASSWORD)),
    keepSecret: (secret) => void secrets.push(secret),
    clock,
    onChange: () => {},
    onRefused: (mode, { code }) => void refused.push(`${mode}: ${code}`),
  });
  return { exposure, gateway, clock, copied, secrets, refused, restarts, renewed, call: exposure.handlers };
}

describe('opening and closing', () => {
  it('asks for the port in use and an end in time', async () => {
    const { call, gateway } = setUp();
    await call['exposure.apply']({ mode: 'serve', port: 8443 });
    await call['exposure.apply']({ mode: 'funnel', forMs: 30 * MINUTE });
    expect(gateway.wishes).toEqual([
      { mode: 'serve', port: 8443, untilMs: undefined },
      { mode: 'funnel', port: 8443, untilMs: 1_000 + 30 * MINUTE },
    ]);
  });

  it('plans without changing anything', async () => {
    const { call, gateway } = setUp();
    expect(await call['exposure.plan']({ mode: 'serve' })).toMatchObject({ wish: { mode: 'serve', port: 443 } });
    expect(gateway.wishes).toEqual([]);
  });

  it('is taken back by one call, and not twice', async () => {
    const { call, exposure, gateway } = setUp();
    expect(exposure.view?.undo).toBeUndefined();
    await call['exposure.apply']({ mode: 'serve' });
    expect(exposure.view?.undo).toEqual({ mode: 'off', restoresConfig: false });
    await call['exposure.undo']();
    expect(gateway.wishes.at(-1)).toEqual(CLOSED);
    expect(exposure.view?.undo).toBeUndefined();
    await expect(call['exposure.undo']()).rejects.toMatchObject({ info: { code: 'app/input-invalid' } });
  });

  it.each<[string, readonly ('off' | 'serve' | 'funnel')[], 'off' | 'serve' | 'funnel']>([
    ['off → serve', ['serve'], 'off'],
    ['serve → funnel', ['serve', 'funnel'], 'serve'],
    ['funnel → off', ['funnel', 'off'], 'funnel'],
    ['funnel → serve', ['serve', 'funnel', 'serve'], 'funnel'],
  ])('is taken back after %s, and there is no second step back', async (_what, modes, back) => {
    const { call, exposure, gateway } = setUp();
    for (const mode of modes) {
      await call['exposure.apply'](mode === 'funnel' ? { mode, forMs: 30 * MINUTE } : { mode });
    }
    expect(exposure.view?.undo).toEqual({ mode: back, restoresConfig: false });
    await call['exposure.undo']();
    expect(gateway.wishes.at(-1)?.mode).toBe(back);
    expect(exposure.view?.undo).toBeUndefined();
    await expect(call['exposure.undo']()).rejects.toMatchObject({ info: { code: 'app/input-invalid' } });
  });

  it('leaves everything as it was when it is refused, and says so', async () => {
    const { call, exposure, gateway, refused } = setUp();
    gateway.refusal = fail('tailscale/needs-password', { mode: 'token' });
    await expect(call['exposure.apply']({ mode: 'funnel' })).rejects.toBe(gateway.refusal);
    expect(refused).toEqual(['funnel: tailscale/needs-password']);
    expect(exposure.view).toMatchObject({ wish: CLOSED, undo: undefined });
  });

  it('never goes back to a Funnel whose time is over', async () => {
    const { call, exposure, gateway, clock } = setUp();
    await call['exposure.apply']({ mode: 'funnel', forMs: 15 * MINUTE });
    await call['exposure.apply']({ mode: 'serve' });
    expect(exposure.view?.undo?.mode).toBe('funnel');
    await clock.advance(15 * MINUTE);
    expect(exposure.view?.undo?.mode).toBe('off');
    await call['exposure.undo']();
    expect(gateway.wishes.at(-1)?.mode).toBe('off');
  });

  it('is refused where no gateway runs', async () => {
    const { call } = setUp({ runs: false });
    await expect(call['exposure.apply']({ mode: 'serve' })).rejects.toMatchObject({
      info: { code: 'tailscale/no-gateway' },
    });
  });
});

describe('more time for a Funnel', () => {
  it('is 15 minutes, up to a day from now', async () => {
    const { call, gateway } = setUp();
    await call['exposure.apply']({ mode: 'funnel', forMs: 24 * 60 * MINUTE - 5 * MINUTE });
    await call['exposure.extend']();
    expect(gateway.wishes.at(-1)?.untilMs).toBe(1_000 + 24 * 60 * MINUTE);
  });

  it.each([[{ mode: 'serve' } as const], [{ mode: 'funnel' } as const]])(
    'is refused where nothing closes by itself: %j',
    async (request) => {
      const { call, gateway } = setUp();
      await call['exposure.apply'](request);
      await expect(call['exposure.extend']()).rejects.toMatchObject({ info: { code: 'app/input-invalid' } });
      expect(gateway.wishes).toHaveLength(1);
    },
  );
});

describe('a password', () => {
  it('is written into the configuration, and taken back with the route it was set for, to the byte', async () => {
    const { call, exposure, gateway } = setUp();
    await call['exposure.set-password']({ how: 'typed', password: PASSWORD });
    expect(await readFile(path, 'utf8')).toContain(PASSWORD);
    expect(await readFile(`${path}.bak`, 'utf8')).toBe(TEXT);
    expect(exposure.view).toMatchObject({ access: { auth: 'password' }, undo: { mode: 'off', restoresConfig: true } });
    await call['exposure.apply']({ mode: 'funnel' });
    expect(exposure.view?.undo).toEqual({ mode: 'off', restoresConfig: true });
    await call['exposure.undo']();
    expect(gateway.wishes.map(({ mode }) => mode)).toEqual(['funnel', 'off']);
    expect(await readFile(path, 'utf8')).toBe(TEXT);
    expect(exposure.view?.access.auth).toBe('token');
  });

  it('is announced to our own client before it counts, and so is its end', async () => {
    const { call, renewed } = setUp();
    await call['exposure.set-password']({ how: 'typed', password: PASSWORD });
    await call['exposure.undo']();
    expect(renewed).toEqual([false, true]);
  });

  it('is taken back to the byte where the gateway has kept the mode in the same file meanwhile', async () => {
    const { call, gateway, exposure } = setUp();
    const files = createNodeFiles();
    gateway.keep = async ({ mode, port }) => {
      await changeConfig(new GatewayConfigFile(path, files), { gateway: { tailscale: { mode, port } } }, files);
    };
    await call['exposure.apply']({ mode: 'serve' });
    const text = await readFile(path, 'utf8');
    await call['exposure.set-password']({ how: 'typed', password: PASSWORD });
    await call['exposure.apply']({ mode: 'funnel' });
    expect(await readFile(path, 'utf8')).toContain('funnel');
    await call['exposure.undo']();
    expect([await readFile(path, 'utf8'), exposure.view?.wish.mode]).toEqual([text, 'serve']);
  });

  it('is taken back to no file where there was none', async () => {
    await rm(path);
    const { call } = setUp();
    await call['exposure.set-password']({ how: 'typed', password: PASSWORD });
    await call['exposure.undo']();
    await expect(readFile(path, 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is left where somebody changed the file meanwhile; the route is closed all the same', async () => {
    const { call, gateway } = setUp();
    await call['exposure.set-password']({ how: 'typed', password: PASSWORD });
    await call['exposure.apply']({ mode: 'funnel' });
    const edited = `${await readFile(path, 'utf8')}// more\n`;
    await writeFile(path, edited);
    await expect(call['exposure.undo']()).rejects.toMatchObject({
      info: { code: 'tailscale/undo-impossible' },
    });
    expect(await readFile(path, 'utf8')).toBe(edited);
    expect(gateway.wishes.at(-1)?.mode).toBe('off');
  });

  it('that is made here goes to the clipboard and to nobody else', async () => {
    const { call, copied, secrets } = setUp();
    const answer = await call['exposure.set-password']({ how: 'generated' });
    expect(answer).toBeUndefined();
    expect(copied).toHaveLength(1);
    expect(copied[0]).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
    expect(secrets).toEqual(copied);
    expect(await readFile(path, 'utf8')).toContain(copied[0]);
  });

  it('is made for nobody where nobody sits: the file stays as it was', async () => {
    const { call } = setUp({ sits: false });
    await expect(call['exposure.set-password']({ how: 'generated' })).rejects.toMatchObject({
      info: { code: 'app/not-here' },
    });
    expect(await readFile(path, 'utf8')).toBe(TEXT);
  });

  it.each(['${FROM_ELSEWHERE_ENTIRELY}', '__OPENCLAW_REDACTED__'])(
    'that the configuration cannot hold leaves it as it was: %s',
    async (password) => {
      const { call } = setUp();
      const failure: unknown = await call['exposure.set-password']({ how: 'typed', password }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ info: { code: 'config/key-invalid' } });
      expect(JSON.stringify(failure)).not.toContain(password);
      expect(await readFile(path, 'utf8')).toBe(TEXT);
    },
  );
});

describe('a gateway that listens to more than this computer', () => {
  it('listens here only from its next start, and as before after undo', async () => {
    const text = `{ gateway: { bind: 'tailnet' /* for now */ } }`;
    await writeFile(path, text);
    const { call, exposure, gateway, restarts } = setUp();
    await call['exposure.listen-here']();
    expect(await readFile(path, 'utf8')).toMatch(/bind: ["']loopback["'] \/\* for now \*\//);
    expect(exposure.view?.undo).toEqual({ mode: 'off', restoresConfig: true });
    await call['exposure.apply']({ mode: 'serve' });
    await call['exposure.undo']();
    expect(await readFile(path, 'utf8')).toBe(text);
    expect([restarts.length, gateway.wishes.map(({ mode }) => mode)]).toEqual([2, ['serve', 'off']]);
  });
});
