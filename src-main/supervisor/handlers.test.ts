import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { SettingsStore } from '../config/settings-store.ts';
import { toErrorInfo } from '../contract/errors.ts';
import type { GatewayId, Snapshot } from '../contract/snapshot.ts';
import type { Forward } from '../contract/tunnel.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import { createHandlers } from './handlers.ts';
import { newRecord } from './new-record.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gangway-handlers-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');
const to = (localPort: number): Forward => ({ localPort, remoteHost: '127.0.0.1', remotePort: 80 });

async function setUp() {
  const settings = new SettingsStore(join(dir, 'settings.json'), createNodeFiles());
  await settings.load();
  const record = newRecord({ kind: 'ssh', name: 'Studio', target: 'studio' }, settings.current);
  await settings.update((current) => ({ ...current, gateways: [record] }));
  const applied: (readonly Forward[])[] = [];
  const handlers = createHandlers(
    {
      settings,
      secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
      tokenOf: async () => undefined,
      tokenNameOf: () => 'token',
      trustHostKey: async () => {},
      configProblems: async () => [],
    },
    {
      snapshot: () => ({ gateways: [] }) as unknown as Snapshot,
      apply: async () => {},
      rebuild: async () => {},
      setForwards: async (_id, forwards) => void applied.push(forwards),
      retry: () => {},
      linkOf: () => undefined,
      pinOf: () => undefined,
      signIn: () => undefined,
    },
  );
  const add = (localPort: number) => handlers['gateway.add-forward']({ id: record.id, forward: to(localPort) });
  const remove = (localPort: number) => handlers['gateway.remove-forward']({ id: record.id, localPort });
  const stored = () => settings.current.gateways.flatMap((each) => (each.kind === 'ssh' ? each.forwards : []));
  return { handlers, settings, add, remove, stored, applied };
}

it('keeps both of two forwards that are added at once', async () => {
  const { add, stored, applied } = await setUp();
  await Promise.all([add(5001), add(5002)]);
  expect(stored()).toEqual([to(5001), to(5002)]);
  expect(applied).toEqual([[to(5001)], [to(5001), to(5002)]]);
});

it('removes one forward while another is added', async () => {
  const { add, remove, stored, applied } = await setUp();
  await add(5001);
  await Promise.all([remove(5001), add(5002)]);
  expect(stored()).toEqual([to(5002)]);
  expect(applied.at(-1)).toEqual([to(5002)]);
});

it('refuses the second of two forwards that want the same port at once, and carries out only the first', async () => {
  const { add, stored, applied } = await setUp();
  const [, second] = await Promise.all([add(5001), add(5001).catch(toErrorInfo)]);
  expect(second).toMatchObject({ code: 'app/input-invalid', params: { call: 'gateway.add-forward' } });
  expect([stored(), applied]).toEqual([[to(5001)], [[to(5001)]]]);
});

it('keeps both of two things that are believed of a gateway at once', async () => {
  const { handlers, settings } = await setUp();
  const { id } = await handlers['gateway.add']({ kind: 'direct', name: 'Attic', url: 'wss://attic.example' });
  await Promise.all([
    handlers['gateway.trust-certificate']({ id, fingerprint: FINGERPRINT }),
    handlers['gateway.trust-network']({ id, trusted: true }),
  ]);
  const kept = { tlsFingerprint: FINGERPRINT, trustedNetwork: true };
  expect(settings.current.gateways.at(-1)).toMatchObject({ id, ...kept });
});

it('adds no forward to a gateway that is not reached over SSH', async () => {
  const { handlers } = await setUp();
  const added = handlers['gateway.add-forward']({ id: 'local' as GatewayId, forward: to(5001) });
  expect(await added.catch(toErrorInfo)).toMatchObject({ code: 'gateway/unknown' });
});
