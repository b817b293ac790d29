import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import {
  ChannelsStatusResultSchema,
  HelloOkSchema,
  PresenceEntrySchema,
  ResponseFrameSchema,
  SystemInfoResultSchema,
} from '@openclaw/gateway-protocol/schema';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { RunningGateway } from '../gateway.ts';
import { METHODS } from '../methods/table.ts';
import { RawClient, startTestGateway, type Frame } from '../testing/gateway-harness.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop('test is over'));

const entry = createRequire(import.meta.url).resolve('@openclaw/gateway-protocol');
const published = JSON.parse(readFileSync(join(dirname(entry), '..', 'protocol.schema.json'), 'utf8')) as {
  readonly methods: Readonly<Record<string, { readonly scope: string }>>;
};

it.each(Object.entries(METHODS))('asks for %s the scope that the published map names', (name, { scope }) => {
  const expected = published.methods[name]?.scope;
  expect(expected === undefined ? scope : `operator.${expected.replace('operator.', '')}`).toBe(scope);
});

/** Every fault that a closed client of the published schema would find, as text. */
const faults = (schema: TSchema, value: unknown): string[] =>
  [...Value.Errors(schema, value)].map((fault) => JSON.stringify(fault));

async function answerTo(method: string): Promise<Frame> {
  const client = await RawClient.open(gateway.port);
  await client.connect();
  const frame = await client.request(method);
  client.socket.close();
  return frame;
}

it('greets with what closed clients accept', async () => {
  const client = await RawClient.open(gateway.port);
  const { payload } = await client.connect();
  expect(faults(HelloOkSchema, payload)).toEqual([]);
  client.socket.close();
});

it.each(Object.keys(METHODS))('answers %s in a frame that closed clients accept', async (name) => {
  const frame = await answerTo(name);
  expect(frame).toMatchObject({ ok: true });
  expect(faults(ResponseFrameSchema, frame)).toEqual([]);
});

it.each([
  ['system.info', SystemInfoResultSchema],
  ['channels.status', ChannelsStatusResultSchema],
])('answers %s with a result that closed clients accept', async (name, schema) => {
  expect(faults(schema, (await answerTo(name)).payload)).toEqual([]);
});

it('publishes who is connected as closed clients accept it', async () => {
  const entries = (await answerTo('system-presence')).payload as unknown as readonly unknown[];
  expect(entries.flatMap((entry) => faults(PresenceEntrySchema, entry))).toEqual([]);
});
