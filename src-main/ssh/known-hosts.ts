import { createHmac } from 'node:crypto';

import { fingerprint, parseHostKey, type HostKey } from './host-key.ts';
import { matchesHostList } from './host-pattern.ts';

export interface KnownHostsFile {
  readonly path: string;
  readonly text: string;
}

interface Entry {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: string | undefined;
  readonly hosts: string;
  readonly key: HostKey;
}

/** The name a host is filed under. An alias (`HostKeyAlias`) takes the place of host and port. */
export interface HostName {
  readonly host: string;
  readonly port: number;
  readonly alias: string | undefined;
}

export type HostKeyVerdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'unknown' }
  | { readonly verdict: 'revoked' }
  | {
      readonly verdict: 'changed';
      readonly file: string;
      readonly line: number;
      readonly knownKeyType: string;
      readonly knownFingerprint: string;
    };

/** Where a line stands. */
export interface LinePlace {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What known_hosts says about one host. */
export interface KnownHost {
  /** Key types on file, for choosing the algorithm that leads to a key that can be compared. */
  readonly types: readonly string[];
  /** A certificate authority that is trusted for this host: it makes no key known. */
  readonly authority: LinePlace | undefined;
  judge(key: HostKey): HostKeyVerdict;
  /** The lines that say otherwise than `key`, when it is changed; none when it is known or unknown. */
  contradictions(key: HostKey): readonly LinePlace[];
}

/** Semantics of OpenSSH's sshd(8), “SSH_KNOWN_HOSTS FILE FORMAT”, verified line by line against `ssh` 9.2. */
export function lookUpHost(files: readonly KnownHostsFile[], name: HostName): KnownHost {
  const entries = files.flatMap(parseKnownHosts);
  const own = entries.filter((entry) => matchesHost(entry.hosts, primaryName(name)));
  const bare = fallbackName(name);
  const fallback = bare === undefined ? [] : entries.filter((entry) => matchesHost(entry.hosts, bare));
  // A certificate authority vouches for certificates, which are not supported: it makes no host known.
  const known = own.filter((entry) => entry.marker === undefined);
  const bareKnown = fallback.filter((entry) => entry.marker === undefined);
  // The port-less name counts only where the name with the port has nothing to say about keys of that type: else
  // whoever holds the key of one port could pass for another.
  const trustedFor = (key: HostKey) =>
    known.some(({ key: { type } }) => type === key.type) ? known : [...known, ...bareKnown];
  const revoked = [...own, ...fallback].filter((entry) => entry.marker === '@revoked');
  const authority = own.find((entry) => entry.marker === '@cert-authority');
  return {
    types: [...new Set([...known, ...bareKnown].map((entry) => entry.key.type))],
    authority: authority && toPlace(authority),
    contradictions: (key) =>
      trustedFor(key).some((entry) => entry.key.blob.equals(key.blob)) ? [] : contradicting(known, key).map(toPlace),
    judge: (key) => {
      const isIt = (entry: Entry) => entry.key.blob.equals(key.blob);
      if (revoked.some(isIt)) return { verdict: 'revoked' };
      if (trustedFor(key).some(isIt)) return { verdict: 'known' };
      return contradiction(known, key);
    },
  };
}

// A key of another type than the known ones is a change as well: the known types are asked for first, so a
// server that shows another one no longer has them. The port-less name never contradicts, as in OpenSSH.
function contradicting(known: readonly Entry[], key: HostKey): readonly Entry[] {
  const ofType = known.filter((candidate) => candidate.key.type === key.type);
  return ofType.length > 0 ? ofType : known;
}

function toPlace({ file, line }: Entry): LinePlace {
  return { file, line };
}

function contradiction(known: readonly Entry[], key: HostKey): HostKeyVerdict {
  const [entry] = contradicting(known, key);
  if (!entry) return { verdict: 'unknown' };
  const { file, line } = entry;
  const { type: knownKeyType, blob } = entry.key;
  return { verdict: 'changed', file, line, knownKeyType, knownFingerprint: fingerprint(blob) };
}

/** The name that a new line is filed under. */
export function primaryName({ host, port, alias }: HostName): string {
  return (alias ?? (port === 22 ? host : `[${host}]:${port}`)).toLowerCase();
}

function fallbackName({ host, port, alias }: HostName): string | undefined {
  return alias !== undefined || port === 22 ? undefined : host.toLowerCase();
}

/** Whether the first field of a line names a host. */
export function matchesHost(hosts: string, name: string): boolean {
  return hosts.startsWith('|') ? matchesHash(hosts, name) : matchesHostList(hosts, name);
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  return version === '1' && salt !== undefined && hash === hostHash(name, Buffer.from(salt, 'base64'));
}

/** base64(HMAC-SHA1(salt, name)): OpenSSH's way not to spell out where a person logs in. */
export function hostHash(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}

function parseKnownHosts({ path, text }: KnownHostsFile): readonly Entry[] {
  return text.split('\n').flatMap((line, index) => {
    const parsed = parseLine(line);
    return parsed ? [{ file: path, line: index + 1, ...parsed }] : [];
  });
}

/** A line that cannot be read is no line, as for OpenSSH: it must not hide the good ones. */
function parseLine(line: string): Omit<Entry, 'file' | 'line'> | undefined {
  const fields = line.trim().split(/\s+/);
  if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return undefined;
  const marker = fields[0].startsWith('@') ? fields.shift() : undefined;
  const [hosts, type, base64] = fields;
  if (hosts === undefined || type === undefined || base64 === undefined) return undefined;
  const key = parseHostKey(Buffer.from(base64, 'base64'));
  return key?.type === type ? { marker, hosts, key } : undefined;
}
