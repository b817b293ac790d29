import JSON5 from 'json5';

import { json5Tree, type Member, type Node } from './json5-tree.ts';

type Path = readonly string[];
type ObjectNode = Extract<Node, { kind: 'object' }>;

/** A key that is set to a value, or taken out. */
export interface Change {
  readonly path: Path;
  /** `undefined` takes the key out. */
  readonly value: unknown;
}

/**
 * Changes single keys of a valid JSON5 text and leaves everything else as it was written: comments, order, quotes,
 * indentation, keys nobody knows.
 */
export function editJson5(text: string, changes: readonly Change[]): string {
  return changes.reduce((before, { path, value }) => {
    const root = json5Tree(before);
    if (root.kind !== 'object') throw new TypeError('the text should hold one object');
    return value === undefined ? without(before, root, path) : withValue(before, root, { path, value });
  }, text);
}

function withValue(text: string, node: ObjectNode, { path, value }: Change): string {
  const [key = '', ...rest] = path;
  const member = lastOf(node, key);
  if (member === undefined) return inserted(text, node, { path, value });
  if (rest.length > 0 && member.value.kind === 'object') return withValue(text, member.value, { path: rest, value });
  const { start, end } = member.value;
  const style = { isQuoted: member.isQuoted, indent: indentAt(text, member.keyStart) };
  return text.slice(0, start) + written(nested(rest, value), style) + text.slice(end);
}

function inserted(text: string, node: ObjectNode, change: Change): string {
  const last = node.members.at(-1);
  if (last === undefined) return insertedFirst(text, node, change);
  const isMultiLine = text.slice(node.start, last.keyStart).includes('\n');
  const indent = indentAt(text, last.keyStart);
  const entry = entryOf(change, { isQuoted: last.isQuoted, indent });
  const end = last.commaEnd ?? last.value.end;
  const comma = last.commaEnd === undefined ? ',' : '';
  if (!isMultiLine) return `${text.slice(0, end)}${comma} ${entry}${text.slice(end)}`;
  // A remark behind the last value stays with it.
  const remark = /^[ \t]*(?:\/\/[^\n\r]*|\/\*[^\n\r]*?\*\/)?(?=[ \t]*\r?\n)/.exec(text.slice(end))?.[0] ?? '';
  const trailing = last.commaEnd === undefined ? '' : ',';
  return `${text.slice(0, end)}${comma}${remark}\n${indent}${entry}${trailing}${text.slice(end + remark.length)}`;
}

function insertedFirst(text: string, node: ObjectNode, change: Change): string {
  const outer = indentAt(text, node.start);
  const indent = `${outer}  `;
  const isQuoted = isQuotedText(text);
  const entry = entryOf(change, { isQuoted, indent });
  const inside = text.slice(node.start + 1, node.end - 1);
  const close = inside.includes('\n') ? '' : `\n${outer}`;
  const head = text.slice(0, node.start + 1);
  return `${head}\n${indent}${entry}${isQuoted ? '' : ','}${inside}${close}${text.slice(node.end - 1)}`;
}

interface Style {
  readonly isQuoted: boolean;
  readonly indent: string;
}

function entryOf({ path: [key = '', ...rest], value }: Change, style: Style): string {
  const isBare = !style.isQuoted && /^[A-Za-z_$][\w$]*$/.test(key);
  return `${isBare ? key : JSON.stringify(key)}: ${written(nested(rest, value), style)}`;
}

function without(text: string, node: ObjectNode, path: Path): string {
  const [key = '', ...rest] = path;
  const member = lastOf(node, key);
  if (member === undefined) return text;
  if (rest.length > 0) return member.value.kind === 'object' ? without(text, member.value, rest) : text;
  const index = node.members.indexOf(member);
  const before = node.members[index - 1];
  // The last of several takes the comma before it along, so that JSON stays JSON.
  const comma = member.commaEnd === undefined && before?.commaEnd !== undefined ? before.commaEnd - 1 : undefined;
  const cut = text.slice(0, lineStart(text, member.keyStart)) + restOfLine(text, member.commaEnd ?? member.value.end);
  const cutText = wholeLines(text, member)
    ? cut
    : text.slice(0, member.keyStart) + text.slice(member.commaEnd ?? member.value.end);
  return comma === undefined ? cutText : cutText.slice(0, comma) + cutText.slice(comma + 1);
}

/** Whether nothing else stands on the lines of a member. */
function wholeLines(text: string, { keyStart, commaEnd, value }: Member): boolean {
  const before = text.slice(text.lastIndexOf('\n', keyStart - 1) + 1, keyStart);
  return before.trim() === '' && /^[ \t]*\r?\n/.test(text.slice(commaEnd ?? value.end));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function restOfLine(text: string, end: number): string {
  return text.slice(end).replace(/^[ \t]*\r?\n/, '');
}

/** Of several equal keys the last one counts, as when parsing. */
function lastOf({ members }: ObjectNode, key: string): Member | undefined {
  return members.findLast((member) => member.key === key);
}

function nested(path: Path, value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value);
}

function written(
  value: unknown,
  { isQuoted, indent }: { readonly isQuoted: boolean; readonly indent: string },
): string {
  const text = isQuoted ? JSON.stringify(value, null, 2) : JSON5.stringify(value, { space: 2, quote: '"' });
  return text.replaceAll('\n', `\n${indent}`);
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

/** A text whose first key stands in quotes is JSON, and stays it. */
function isQuotedText(text: string): boolean {
  return /^\s*\{\s*"/.test(text);
}
