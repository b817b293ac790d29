import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { StateDatabase } from '../state/state-database.ts';
import type { DeviceRecord } from './device-record.ts';
import { DeviceStore } from './device-store.ts';

let folder: string;
let database: StateDatabase;
let store: DeviceStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gangway-devices-'));
  database = StateDatabase.open(folder);
  store = new DeviceStore(database);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const facts = { platform: 'linux', clientId: 'cli', clientMode: 'cli', version: '1' };
const labelled = (label: string): DeviceRecord => ({ deviceId: 'a', publicKey: 'key', label, facts, tokens: {} });
const onDisk = (): string | undefined => new DeviceStore(database).get('a')?.label;

it('holds a change at once, and has it on the disk once it is acknowledged', async () => {
  const change = store.put(labelled('one'));
  expect(store.get('a')?.label).toBe('one');
  await change;
  expect(onDisk()).toBe('one');
  await store.delete('a');
  expect([store.get('a'), onDisk()]).toEqual([undefined, undefined]);
});

it.each<[string, () => readonly Promise<void>[]]>([
  ['two changes', () => [store.put(labelled('two')), store.put(labelled('three'))]],
  ['a change and its end', () => [store.put(labelled('two')), store.delete('a')]],
  ['an end and another beginning', () => [store.delete('a'), store.put(labelled('two'))]],
  ['two ends', () => [store.delete('a'), store.delete('a')]],
])('is what the disk says after %s of one moment that could not be kept', async (_name, changes) => {
  await store.put(labelled('one'));
  database.all('PRAGMA query_only = 1');
  const outcomes = await Promise.allSettled(changes());
  database.all('PRAGMA query_only = 0');
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect([store.get('a')?.label, onDisk()]).toEqual(['one', 'one']);
});
