import type { z } from 'zod';

import { keyLine } from './key-line.ts';
import { isRaw, type Raw } from './parse-text.ts';

export type KeyPath = readonly (string | number)[];

export interface KeyFault {
  readonly path: KeyPath;
  /** In plain words: `a whole number from 1 to 65535`. */
  readonly expected: string;
}

export interface ParsedByKey<T> {
  readonly value: T;
  readonly faults: readonly KeyFault[];
  /** Keys that a strict schema does not know. */
  readonly unknown: readonly KeyPath[];
}

const MAX_PASSES = 5;

/**
 * Applies a schema and lets every invalid key fall back to its default, one by one; of a list, only
 * the bad elements are left out. `raw` is not changed.
 *
 * The schema gives a default for every key, accepts `{}`, and words each of its errors as what is
 * expected.
 */
export function parseByKey<T>(schema: z.ZodType<T>, raw: Raw): ParsedByKey<T> {
  const faults: KeyFault[] = [];
  const unknown: KeyPath[] = [];
  let rest: unknown = raw;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, faults: withoutRepeats(faults), unknown };
    const found = parsed.error.issues.map(readIssue);
    faults.push(...found.flatMap(({ fault }) => fault ?? []));
    unknown.push(...found.flatMap((issue) => issue.unknown));
    rest = without(
      rest,
      found.flatMap((issue) => issue.drop),
    );
  }
  return { value: schema.parse({}), faults: withoutRepeats(faults), unknown };
}

interface ReadIssue {
  readonly fault: KeyFault | undefined;
  readonly unknown: readonly KeyPath[];
  readonly drop: readonly KeyPath[];
}

function readIssue(issue: z.core.$ZodIssue): ReadIssue {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [...path, key]);
    return { fault: undefined, unknown, drop: unknown };
  }
  const element = path.findIndex((key) => typeof key === 'number');
  const drop = element === -1 ? path : path.slice(0, element + 1);
  return { fault: { path, expected: issue.message }, unknown: [], drop: [drop] };
}

/** A copy that lacks the keys and elements at these paths. */
function without(value: unknown, paths: readonly KeyPath[]): unknown {
  if (paths.length === 0) return value;
  const inner = (key: string | number): readonly KeyPath[] =>
    paths.filter((path) => path[0] === key).map((path) => path.slice(1));
  const keep = <K extends string | number>(key: K, item: unknown): readonly (readonly [K, unknown])[] =>
    inner(key).some((path) => path.length === 0) ? [] : [[key, without(item, inner(key))]];
  if (Array.isArray(value)) return value.flatMap((item, index) => keep(index, item).map(([, kept]) => kept));
  if (isRaw(value)) return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => keep(key, item)));
  return value;
}

function withoutRepeats(faults: readonly KeyFault[]): readonly KeyFault[] {
  return [...new Map(faults.map((fault) => [showPath(fault.path), fault])).values()];
}

/** `gateways[1].remotePort` */
export function showPath(path: KeyPath): string {
  return path.reduce<string>((shown, key) => {
    if (typeof key === 'number') return `${shown}[${key}]`;
    return shown === '' ? key : `${shown}.${key}`;
  }, '');
}

/** The parameters of the catalogue's `…/key-invalid`. */
export function describeFault(fault: KeyFault, source: { readonly file: string; readonly text: string }) {
  const { path, expected } = fault;
  return { file: source.file, line: keyLine(source.text, path), key: showPath(path), expected };
}
