import type { ParsedKey } from 'ssh2';

import type { LockedIdentity } from './identity-file.ts';

/** Whose password it is: `ann@studio:22`. */
export type Site = string & { readonly __brand: 'Site' };

export function siteOf({ user, host, port }: { readonly user: string; readonly host: string; readonly port: number }) {
  return `${user}@${host}:${port}` as Site;
}

export interface KnownPassword {
  readonly password: string;
  /** The server has taken it before, so it is not to blame first. */
  readonly proven: boolean;
  readonly remember: boolean;
}

/**
 * What was unlocked or typed, for as long as the app runs and nowhere but in memory: a line that comes back after
 * sleep asks nobody. All lines share it, so a key is unlocked once.
 */
export class SignInMemory {
  readonly #keys = new Map<string, ParsedKey>();
  readonly #passwords = new Map<Site, KnownPassword>();

  key({ id }: LockedIdentity): ParsedKey | undefined {
    return this.#keys.get(id);
  }

  keepKey({ id }: LockedIdentity, key: ParsedKey): void {
    this.#keys.set(id, key);
  }

  forgetKey({ id }: LockedIdentity): void {
    this.#keys.delete(id);
  }

  password(site: Site): KnownPassword | undefined {
    return this.#passwords.get(site);
  }

  keepPassword(site: Site, password: KnownPassword): void {
    this.#passwords.set(site, password);
  }

  forgetPassword(site: Site): void {
    this.#passwords.delete(site);
  }
}
