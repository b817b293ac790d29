import { expect, test } from '@playwright/test';

import { INVARIANTS, violations, type Call, type Evidence, type OpenProof } from './support/invariants.ts';

// A check that cannot fail proves nothing: each of these is failed once, and by what it is about alone.

const claim = (mode: string, change: Partial<Call> = {}): Call => ({
  words: [mode, '--yes', '--bg=false', '--https=443', 'http://127.0.0.1:40001'],
  pid: 7,
  startedAtMs: 1_000,
  endedAtMs: 2_000,
  ...change,
});

const proof: OpenProof = {
  target: 'http://127.0.0.1:40001',
  isPublic: false,
  backend: 'Running',
  claimIsAlive: true,
  marked: 403,
  letInWithoutSecret: false,
  locked: 429,
  other: 401,
};

const well: Evidence = {
  mode: 'serve',
  auth: { mode: 'password', password: 'p' },
  allowed: [443],
  mainPort: 18_789,
  listeners: [{ address: '127.0.0.1', port: 18_789 }],
  calls: [claim('serve')],
  foreign: { before: { a: 1 }, after: { a: 1 } },
  opened: [proof],
  openedTooEarly: false,
  left: { targets: [], children: [] },
  health: [200],
  exitCode: 0,
  usedSudo: false,
};
const words = (...said: readonly string[]): Partial<Evidence> => ({ calls: [claim('serve', { words: said })] });
const opened = (change: Partial<OpenProof>): Partial<Evidence> => ({ opened: [{ ...proof, ...change }] });
const toTarget = (target: string): Partial<Evidence> => words('serve', '--yes', '--bg=false', '--https=443', target);
const funnel: Partial<Evidence> = { mode: 'funnel', calls: [claim('funnel')], opened: [{ ...proof, isPublic: true }] };

test('what is well violates nothing', () => {
  for (const change of [{}, funnel, { mode: 'off', calls: [], opened: [] } as const]) {
    expect(violations({ ...well, ...change })).toEqual([]);
  }
});

const BREACHES: readonly (readonly [number, Partial<Evidence>])[] = [
  [1, toTarget('http://127.0.0.1:18789')],
  [1, toTarget('http://10.0.0.7:40001')],
  [1, toTarget('http://localhost:40001')],
  [1, toTarget('40001')],
  [2, { listeners: [{ address: '0.0.0.0', port: 18_789 }] }],
  [2, { listeners: [{ address: '100.64.0.1', port: 443 }] }],
  [3, { calls: [claim('funnel')] }],
  [3, { ...funnel, auth: { mode: 'token', password: '' } }],
  [3, { ...funnel, allowed: [8443] }],
  [4, { left: { targets: ['http://127.0.0.1:40001'], children: [] } }],
  [4, { left: { targets: [], children: [99] } }],
  [5, words('serve', 'reset')],
  [5, words('serve', '--yes', '--bg=true', '--https=443', 'http://127.0.0.1:40001')],
  [5, words('serve', '--https=443', 'off')],
  [5, { foreign: { before: { a: 1 }, after: {} } }],
  [6, { openedTooEarly: true }],
  [6, opened({ isPublic: true })],
  [6, opened({ backend: 'Stopped' })],
  [6, opened({ claimIsAlive: false })],
  [7, { health: [200, 503] }],
  [7, { health: [] }],
  [7, { exitCode: 1 }],
  [8, { mode: 'off', opened: [], calls: [claim('status', { words: ['status', '--json'] })] }],
  [9, { calls: [claim('serve'), claim('serve', { startedAtMs: 1_500 })] }],
  [10, opened({ letInWithoutSecret: true })],
  [11, opened({ marked: 200 })],
  [12, { usedSudo: true }],
  [13, opened({ locked: 401 })],
  [13, opened({ other: 429 })],
];

for (const [number, change] of BREACHES) {
  test(`${number} is violated by ${JSON.stringify(change)}`, () => {
    const seen = violations({ ...well, ...change });
    expect(seen.map((text) => Number.parseInt(text, 10))).toEqual([number]);
  });
}

test('every invariant is failed above', () => {
  const failed = new Set(BREACHES.map(([number]) => number));
  expect([...failed]).toEqual(Object.keys(INVARIANTS).map(Number));
});
