import type { Clock, Files } from '../platform/ports.ts';
import type { HostKey } from './host-key.ts';
import { hostField, readText } from './known-hosts-files.ts';
import { matchesHost, primaryName, type HostName, type LinePlace } from './known-hosts.ts';

export interface Replacement {
  readonly name: HostName;
  readonly key: HostKey;
  /** The lines that name another key for this host. */
  readonly lines: readonly LinePlace[];
}

/**
 * Puts another key in the place of the known one, in exactly these lines and for this host alone. What else a line
 * says stays: other hosts keep the old key, a pattern gets an exception, comments are kept. A copy of each file is
 * kept beside it.
 * @returns the copies
 * @throws AppError `ssh/known-hosts-unreadable`, `app/file-unwritable`
 */
export async function replaceKnownHost(
  { name, key, lines }: Replacement,
  { files, clock }: { readonly files: Files; readonly clock: Clock },
): Promise<readonly string[]> {
  const copies: string[] = [];
  const paths = [...new Set(lines.map(({ file }) => file))];
  for (const [index, path] of paths.entries()) {
    const text = (await readText(path, files)) ?? '';
    const numbers = lines.filter(({ file }) => file === path).map(({ line }) => line);
    // The new key goes into the first file; in the others only the old one is taken out.
    const changed = replaceInText(text, { name, key, numbers, isFirst: index === 0 });
    const copy = `${path}.before-${stamp(clock.now())}`;
    await files.copy(path, copy);
    await files.rewrite(path, changed);
    copies.push(copy);
  }
  return copies;
}

interface Change {
  readonly name: HostName;
  readonly key: HostKey;
  readonly numbers: readonly number[];
  /** The new key is written, in the place of the first of the lines. */
  readonly isFirst: boolean;
}

/** The text of a known_hosts file after the change. Lines that are not meant stay as they are, byte for byte. */
export function replaceInText(text: string, { name, key, numbers, isFirst }: Change): string {
  const isHashed = /^(@\S+\s+)?\|1\|/m.test(text);
  const wanted = primaryName(name);
  const changed = text.split('\n').flatMap((line, index) => {
    if (!numbers.includes(index + 1)) return [line];
    const put = isFirst && numbers[0] === index + 1 ? key : undefined;
    return replaceInLine(line, { wanted, put, newHosts: hostField(name, isHashed) });
  });
  return changed.join('\n');
}

interface LineChange {
  readonly wanted: string;
  /** The key to put in its place; `undefined` only takes the old one away. */
  readonly put: HostKey | undefined;
  /** First field of a line of its own. */
  readonly newHosts: string;
}

const LINE = /^(?<indent>\s*)(?<hosts>\S+)(?<gap>\s+)(?<old>\S+\s+\S+)(?<rest>.*)$/s;

function replaceInLine(line: string, { wanted, put, newHosts }: LineChange): readonly string[] {
  const parts = LINE.exec(line)?.groups;
  // The number came from reading this very file; lines may have changed places since.
  if (parts === undefined || !matchesHost(parts['hosts'] ?? '', wanted)) return [line];
  const { indent, hosts = '', gap, old, rest = '' } = parts;
  const others = withoutHost(hosts, wanted);
  const fresh = put && `${put.type} ${put.blob.toString('base64')}`;
  if (others === undefined) return fresh === undefined ? [] : [`${indent}${hosts}${gap}${fresh}${rest}`];
  const kept = `${indent}${others}${gap}${old}${rest}`;
  const end = rest.endsWith('\r') ? '\r' : '';
  return fresh === undefined ? [kept] : [kept, `${newHosts} ${fresh}${end}`];
}

/** What is left of a list of hosts without one of them; `undefined` when the line was about that one alone. */
function withoutHost(hosts: string, wanted: string): string | undefined {
  if (hosts.startsWith('|')) return undefined;
  const others = hosts.split(',').filter((pattern) => pattern.toLowerCase() !== wanted);
  if (!others.some((pattern) => !pattern.startsWith('!') && pattern !== '')) return undefined;
  const left = others.join(',');
  return matchesHost(left, wanted) ? `${left},!${wanted}` : left;
}

/** `20261123-143220`, in UTC. */
function stamp(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
