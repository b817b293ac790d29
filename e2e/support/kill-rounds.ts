import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { startCli, type RunningCli } from './cli.ts';
import { GatewayWire } from './gateway-wire.ts';

export interface KillReport {
  readonly rounds: number;
  /** Questions whose acceptance reached a client. */
  readonly accepted: number;
  /** Answers that reached a client as final. */
  readonly answered: number;
  /** Notes and labels whose keeping reached a client. */
  readonly kept: number;
  /** In words, what was told to a client and is not there, or is there twice. */
  readonly lost: readonly string[];
}

interface Told {
  readonly accepted: Map<string, string>;
  readonly answered: Set<string>;
  readonly notes: Set<string>;
  /** The last label that was acknowledged, by session, and the one that was on its way at the end. */
  readonly labels: Map<string, { acknowledged: string; sent: string }>;
}

const CLIENTS = 4;
const SESSIONS = ['main', 'alpha', 'beta'];

/**
 * Kills a gateway under load again and again, with SIGKILL at the moment of its Nth acknowledgement, and looks each
 * time whether the database is sound and everything that was acknowledged is there, once.
 */
export async function killRounds(home: string, rounds: number, onRound: (round: number) => void): Promise<KillReport> {
  const all = nothingTold();
  const lost: string[] = [];
  const random = createRandom(20_260_906);
  let told = nothingTold();
  for (let round = 1; round <= rounds; round += 1) {
    const gateway = await startGateway(home);
    // Each round looks for what the one before was told; everything is looked for once more at the end.
    lost.push(...(await missing(gateway, told)));
    told = nothingTold();
    await loadUntilKilled(gateway, told, { round, acknowledgements: 1 + Math.floor(random() * 120) });
    lost.push(...unsound(home));
    addTo(all, told);
    onRound(round);
  }
  const last = await startGateway(home);
  lost.push(...(await missing(last, all)));
  await last.cli.stop();
  const kept = all.notes.size + all.labels.size;
  return { rounds, accepted: all.accepted.size, answered: all.answered.size, kept, lost };
}

function nothingTold(): Told {
  return { accepted: new Map(), answered: new Set(), notes: new Set(), labels: new Map() };
}

function addTo(all: Told, { accepted, answered, notes, labels }: Told): void {
  for (const [id, key] of accepted) all.accepted.set(id, key);
  for (const id of answered) all.answered.add(id);
  for (const id of notes) all.notes.add(id);
  for (const [key, label] of labels) all.labels.set(key, label);
}

interface Gateway {
  readonly cli: RunningCli;
  readonly port: number;
  readonly token: string;
}

async function startGateway(home: string): Promise<Gateway> {
  const cli = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port } = await cli.waitForJson((line) => line['status'] === 'listening');
  const token = (await readFile(join(home, 'secrets', 'gateway.local.token'), 'utf8')).trim();
  return { cli, port: Number(port), token };
}

async function loadUntilKilled(
  { cli, port, token }: Gateway,
  told: Told,
  { round, acknowledgements }: { readonly round: number; readonly acknowledgements: number },
): Promise<void> {
  let left = acknowledgements;
  const acknowledged = (): void => {
    left -= 1;
    if (left === 0) cli.kill('SIGKILL');
  };
  const wires = await Promise.all(Array.from({ length: CLIENTS }, () => GatewayWire.open(port, token)));
  await Promise.all(wires.map((wire, client) => load(wire, `${round}-${client}`, { told, acknowledged })));
  await cli.exited;
}

/** Asks, notes and renames without a pause until the connection ends. */
async function load(
  wire: GatewayWire,
  name: string,
  { told, acknowledged }: { readonly told: Told; readonly acknowledged: () => void },
): Promise<void> {
  // Each client renames a session of its own, so that the last label of each is known.
  const own = `own-${name}`;
  try {
    for (let turn = 0; ; turn += 1) {
      const id = `${name}-${turn}`;
      const sessionKey = SESSIONS[turn % SESSIONS.length] ?? 'main';
      const asked = await wire.request('chat.send', { sessionKey, message: `/help ${id}`, idempotencyKey: id });
      if (asked.ok) told.accepted.set(id, sessionKey);
      acknowledged();
      const final = await wire.request(
        'agent',
        { message: `/tools ${id}`, sessionKey, idempotencyKey: `agent-${id}` },
        'final',
      );
      if (final.ok) told.answered.add(`agent-${id}`);
      acknowledged();
      const note = await wire.request('chat.inject', { sessionKey, message: `note ${id}` });
      if (note.ok) told.notes.add(String(note.payload['messageId']));
      acknowledged();
      const before = told.labels.get(own)?.acknowledged ?? '';
      told.labels.set(own, { acknowledged: before, sent: id });
      const labelled = await wire.request('sessions.patch', { key: own, label: id });
      if (labelled.ok) told.labels.set(own, { acknowledged: id, sent: id });
      acknowledged();
    }
  } catch {
    // The kill: whatever was on its way may or may not have been kept.
  }
}

/** What was acknowledged and is not there, or is there twice. */
async function missing({ port, token }: Gateway, told: Told): Promise<readonly string[]> {
  const wire = await GatewayWire.open(port, token);
  const lost: string[] = [];
  for (const [id, sessionKey] of told.accepted) {
    const again = await wire.request('chat.send', { sessionKey, message: `/help ${id}`, idempotencyKey: id });
    // Whether it was answered or interrupted: it was accepted then and is not begun again.
    if (again.payload['status'] === 'started') lost.push(`question ${id} was accepted and forgotten`);
  }
  for (const id of told.answered) {
    const { payload } = await wire.request('agent.wait', { runId: id, timeoutMs: 0 });
    if (payload['status'] !== 'ok') lost.push(`answer ${id} was given and is ${String(payload['status'])}`);
  }
  for (const [key, { acknowledged, sent }] of told.labels) {
    const { payload } = await wire.request('sessions.describe', { key });
    const label = (payload['session'] as { readonly label?: string } | null)?.label ?? '';
    if (label !== acknowledged && label !== sent) lost.push(`label of ${key}: ${acknowledged} became ${label}`);
  }
  lost.push(...(await missingMessages(wire, told)));
  await wire.close();
  return lost;
}

async function missingMessages(wire: GatewayWire, told: Told): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for (const sessionKey of SESSIONS) {
    for (let offset = 0, hasMore = true; hasMore; offset += 1_000) {
      const { payload } = await wire.request('chat.history', { sessionKey, limit: 1_000, offset });
      for (const { content, __openclaw } of payload['messages'] as readonly Message[]) {
        for (const word of [__openclaw.id, typeof content === 'string' ? content : '']) {
          counts.set(word, (counts.get(word) ?? 0) + 1);
        }
      }
      hasMore = payload['hasMore'] === true;
    }
  }
  const expected = [...[...told.accepted.keys()].map((id) => `/help ${id}`), ...told.notes];
  return expected.flatMap((word) =>
    counts.get(word) === 1 ? [] : [`${word} is there ${counts.get(word) ?? 0} times`],
  );
}

interface Message {
  readonly content: unknown;
  readonly __openclaw: { readonly id: string };
}

function unsound(home: string): readonly string[] {
  const database = new DatabaseSync(join(home, 'state', 'gangway.sqlite'));
  const verdict = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  database.close();
  return verdict === 'ok' ? [] : [`integrity_check: ${String(verdict)}`];
}

/** The same numbers in each run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
