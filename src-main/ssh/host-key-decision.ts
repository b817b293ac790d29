import { devNull } from 'node:os';

import type { HostKeyTrust } from '../contract/calls.ts';
import { fail, type AppError } from '../contract/errors.ts';
import type { Clock, Files, Logger } from '../platform/ports.ts';
import { fingerprint, type HostKey } from './host-key.ts';
import { appendKnownHost } from './known-hosts-files.ts';
import type { HostName, KnownHost } from './known-hosts.ts';
import { replaceKnownHost } from './replace-known-host.ts';
import type { ResolvedHost } from './resolve-host.ts';
import type { SessionTrust } from './session-trust.ts';

/** What a person decided about the one key whose fingerprint they have seen. */
export interface HostKeyDecision {
  readonly fingerprint: string;
  readonly how: HostKeyTrust;
}

/** A key that a host shows, beside what is known of that host. */
export interface ShownKey {
  readonly key: HostKey;
  readonly known: KnownHost;
  readonly host: ResolvedHost;
}

export interface DecisionDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sessionTrust?: SessionTrust | undefined;
}

export function hostNameOf({ host, port, hostKeyAlias }: ResolvedHost): HostName {
  return { host, port, alias: hostKeyAlias };
}

/** Whether the decision is about this key, and enough for it; `undefined` when the key may be used. */
export function judgeDecision(decision: HostKeyDecision, { key, known, host }: ShownKey): AppError | undefined {
  const isMeant = fingerprint(key.blob) === decision.fingerprint;
  const { verdict } = known.judge(key);
  if (isMeant && verdict === 'unknown') return undefined;
  if (!isMeant || verdict !== 'changed' || decision.how !== 'replace') return refuseHostKey(key, known, host.name);
  const fixed = known.contradictions(key).find(({ file }) => host.systemKnownHosts.includes(file));
  return fixed && fail('ssh/host-key-in-system-file', { host: host.name, fingerprint: decision.fingerprint, ...fixed });
}

/**
 * Makes a key that `judgeDecision` let pass known, as far as the decision goes.
 * @throws AppError `ssh/known-hosts-unreadable`, `app/file-unwritable`
 */
export async function carryOutDecision(
  { how }: Pick<HostKeyDecision, 'how'>,
  { key, known, host }: ShownKey,
  { files, clock, log, sessionTrust }: DecisionDeps,
): Promise<void> {
  const { verdict } = known.judge(key);
  if (verdict === 'known') return;
  const name = hostNameOf(host);
  const facts = { host: host.name, keyType: key.type, fingerprint: fingerprint(key.blob) };
  if (verdict === 'changed') {
    const copies = await replaceKnownHost({ name, key, lines: known.contradictions(key) }, { files, clock });
    log.warn('host key replaced', { ...facts, copies });
  } else if ((how === 'once' || host.userKnownHosts[0] === devNull) && sessionTrust !== undefined) {
    // What goes to the null device would be asked for again at every connection.
    sessionTrust.trust(name, key);
    log.info('host key trusted for this session', facts);
  } else {
    await appendKnownHost(host.userKnownHosts[0], { name, key, isHashed: host.hashesKnownHosts }, files);
    log.info('host key trusted', facts);
  }
}

/** Why a shown key may not be used; `undefined` when it is the known one. */
export function refuseHostKey(key: HostKey, known: KnownHost, host: string): AppError | undefined {
  const shown = { host, keyType: key.type, fingerprint: fingerprint(key.blob) };
  const judged = known.judge(key);
  switch (judged.verdict) {
    case 'known':
      return undefined;
    case 'unknown': {
      const authority = known.authority && `${known.authority.file}, line ${known.authority.line}`;
      return fail('ssh/host-key-unknown', { ...shown, ...(authority !== undefined && { authority }) });
    }
    case 'revoked':
      return fail('ssh/host-key-revoked', { host, fingerprint: shown.fingerprint });
    case 'changed': {
      const { knownKeyType, knownFingerprint, file, line } = judged;
      return fail('ssh/host-key-changed', { ...shown, knownKeyType, knownFingerprint, file, line });
    }
  }
}
