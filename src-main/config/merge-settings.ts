import { isDeepStrictEqual } from 'node:util';

import { isRaw, type Raw } from './parse-text.ts';
import { GatewayRecordSchema, SETTINGS_VERSION, toStored, type Settings } from './settings-schema.ts';

/**
 * Carries a change into what the user wrote: touches only the keys that changed, and keeps unknown
 * keys, invalid ones and records that could not be understood as they are.
 */
export function mergeSettings(raw: Raw, before: Settings, after: Settings): Raw {
  const { gateways: gatewaysBefore, ...keysBefore } = toStored(before);
  const { gateways: gatewaysAfter, ...keysAfter } = toStored(after);
  const gateways = mergeGateways(raw['gateways'], gatewaysBefore, gatewaysAfter);
  const keys = mergeKeys(raw, keysBefore, keysAfter) as Raw;
  return { ...keys, version: SETTINGS_VERSION, ...(gateways === undefined ? {} : { gateways }) };
}

function mergeKeys(raw: unknown, before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return raw;
  if (!isRaw(before) || !isRaw(after)) return after;
  const kept = isRaw(raw) ? raw : {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const merged = new Map(Object.entries(kept));
  for (const name of names) {
    const value = mergeKeys(kept[name], before[name], after[name]);
    if (value === undefined) merged.delete(name);
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function mergeGateways(raw: unknown, before: readonly object[], after: readonly object[]): unknown {
  if (isDeepStrictEqual(before, after)) return raw;
  const { understood, rest } = sortOut(Array.isArray(raw) ? raw : []);
  const merged = after.map((record) => {
    const earlier = before.find((other) => idOf(other) === idOf(record));
    return earlier ? mergeKeys(understood.get(idOf(record)), earlier, record) : record;
  });
  return [...merged, ...rest];
}

/** Records by id as they were written, and whatever else stands in the list. */
function sortOut(list: readonly unknown[]): { readonly understood: Map<unknown, unknown>; readonly rest: unknown[] } {
  const understood = new Map<unknown, unknown>();
  const rest: unknown[] = [];
  for (const item of list) {
    const isFirst = GatewayRecordSchema.safeParse(item).success && !understood.has(idOf(item));
    if (isFirst) understood.set(idOf(item), item);
    else rest.push(item);
  }
  return { understood, rest };
}

function idOf(record: unknown): unknown {
  return isRaw(record) ? record['id'] : undefined;
}
