import type { ParsedKey } from 'ssh2';

import { fail } from '../contract/errors.ts';
import { answerNeeded, nobody, wantedPassphrase, wantedPassword, type Answers } from './answers.ts';
import type { LockedIdentity } from './identity-file.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { KeyOpener } from './key-opener.ts';
import { parseKey } from './private-key.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { siteOf, type SignInMemory, type Site } from './sign-in-memory.ts';

export interface KnownAnswersDeps {
  readonly memory: SignInMemory;
  readonly opener: KeyOpener;
  /** Absent where nothing is kept beyond the life of the program. */
  readonly kept: KeptAnswers | undefined;
}

/** Answers from memory and from the keychain. Nobody is ever asked. */
export class KnownAnswers implements Answers {
  readonly isAsking = false;
  readonly #deps: KnownAnswersDeps;
  /** What proved wrong since it was last right: ids of keys, and sites. */
  readonly #wrong = new Set<string>();
  readonly #sites = new Set<Site>();
  readonly #keys = new Map<string, LockedIdentity>();

  constructor(deps: KnownAnswersDeps) {
    this.#deps = deps;
  }

  async unlock(locked: LockedIdentity, host: ResolvedHost): Promise<ParsedKey> {
    this.#keys.set(locked.id, locked);
    const known = this.#deps.memory.key(locked);
    if (known) return known;
    const passphrase = await this.#deps.kept?.get('passphrases', locked.path);
    const key = passphrase === undefined ? undefined : await this.tryPassphrase(locked, passphrase);
    if (key) return key;
    if (passphrase !== undefined) await this.#deps.kept?.put('passphrases', locked.path, undefined);
    throw answerNeeded(wantedPassphrase(locked, host));
  }

  /** `undefined` when it is the wrong one. @throws AppError `ssh/identity-unreadable` */
  async tryPassphrase(locked: LockedIdentity, passphrase: string): Promise<ParsedKey | undefined> {
    const opened = await this.#deps.opener.open(locked.text, passphrase);
    if (opened.status === 'unusable') {
      throw fail('ssh/identity-unreadable', { file: locked.path, problem: opened.problem });
    }
    const key = opened.status === 'open' ? parseKey(opened.pem) : undefined;
    if (!key) {
      this.#wrong.add(locked.id);
      return undefined;
    }
    this.#wrong.delete(locked.id);
    this.#deps.memory.keepKey(locked, key);
    return key;
  }

  async rememberPassphrase(locked: LockedIdentity, passphrase: string): Promise<void> {
    await this.#deps.kept?.put('passphrases', locked.path, passphrase);
  }

  async password(host: ResolvedHost): Promise<string> {
    const site = siteOf(host);
    this.#sites.add(site);
    const known = this.#deps.memory.password(site);
    if (known) return known.password;
    const password = await this.#deps.kept?.get('passwords', site);
    if (password === undefined) throw answerNeeded(wantedPassword(host));
    this.#deps.memory.keepPassword(site, { password, proven: false, remember: true });
    return password;
  }

  givePassword(site: Site, password: string, remember: boolean): void {
    this.#deps.memory.keepPassword(site, { password, proven: false, remember });
  }

  passwordState(host: ResolvedHost): ReturnType<Answers['passwordState']> {
    const known = this.#deps.memory.password(siteOf(host));
    if (known === undefined) return 'unknown';
    return known.proven ? 'proven' : 'given';
  }

  wasWrong(subject: string): boolean {
    return this.#wrong.has(subject);
  }

  async passwordRefused(host: ResolvedHost): Promise<void> {
    const site = siteOf(host);
    this.#wrong.add(site);
    this.#deps.memory.forgetPassword(site);
    await this.#deps.kept?.put('passwords', site, undefined);
  }

  ask(...args: Parameters<Answers['ask']>): Promise<readonly string[]> {
    return nobody.ask(...args);
  }

  async accepted(host: ResolvedHost): Promise<void> {
    const site = siteOf(host);
    this.#wrong.delete(site);
    const known = this.#deps.memory.password(site);
    if (!known || known.proven) return;
    this.#deps.memory.keepPassword(site, { ...known, proven: true });
    if (known.remember) await this.#deps.kept?.put('passwords', site, known.password);
  }

  /** Forgets what this line has used, in memory too. */
  async forget(): Promise<void> {
    for (const locked of this.#keys.values()) this.#deps.memory.forgetKey(locked);
    for (const site of this.#sites) this.#deps.memory.forgetPassword(site);
    await this.#deps.kept?.forgetAll();
  }
}
