import { fingerprint, type HostKey } from './host-key.ts';
import { primaryName, type HostName, type KnownHost } from './known-hosts.ts';

/** Host keys that a person trusts until the app ends, and that are written nowhere. */
export class SessionTrust {
  readonly #keys = new Map<string, HostKey>();

  trust(name: HostName, key: HostKey): void {
    this.#keys.set(primaryName(name), key);
  }

  /** A line of known_hosts for what was trusted. */
  lineFor(name: HostName): string | undefined {
    const key = this.#keys.get(primaryName(name));
    return key && `${primaryName(name)} ${key.type} ${key.blob.toString('base64')}\n`;
  }

  /**
   * What known_hosts says, and for a host it does not know, what was trusted in this session. A contradiction or a
   * revocation on file always wins.
   */
  over(known: KnownHost, name: HostName): KnownHost {
    const trusted = this.#keys.get(primaryName(name));
    if (trusted === undefined) return known;
    const print = fingerprint(trusted.blob);
    return {
      ...known,
      types: known.types.length === 0 ? [trusted.type] : known.types,
      judge: (key) => {
        const judged = known.judge(key);
        return judged.verdict === 'unknown' && fingerprint(key.blob) === print ? { verdict: 'known' } : judged;
      },
    };
  }
}
