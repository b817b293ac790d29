import { isIP } from 'node:net';

import { createSshConfig, type PassedOver, type SshConfig } from '../ssh-config.ts';
import type { SshTarget } from '../ssh-target.ts';
import type { Block, SoFar } from './config-blocks.ts';
import { lineFault, type ConfigLine } from './config-line.ts';
import { optionOf } from './config-options.ts';

/** What the lines read so far have set for one target. */
export class EffectiveOptions {
  readonly #values = new Map<string, readonly string[]>();
  readonly #passedOver: PassedOver[] = [];
  readonly #target: SshTarget;
  readonly #localUser: string;
  #isFinal = false;

  constructor(target: SshTarget, localUser: string) {
    this.#target = target;
    this.#localUser = localUser;
    if (target.port !== undefined) this.#values.set('port', [String(target.port)]);
    if (target.user !== undefined) this.#values.set('user', [target.user]);
  }

  first(key: string): string | undefined {
    return this.#values.get(key)?.[0];
  }

  soFar(): SoFar {
    const host = this.first('hostname') ?? this.#target.host;
    return {
      name: this.#isFinal ? host : this.#target.host,
      host,
      originalHost: this.#target.host,
      user: this.first('user') ?? this.#localUser,
      localUser: this.#localUser,
      isFinal: this.#isFinal,
    };
  }

  /** Before the files are read again: from here on `Host` is about the name that `HostName` gave. */
  beginFinal(): void {
    this.#values.set('hostname', [this.#dialled()]);
    this.#isFinal = true;
  }

  /**
   * False for a keyword that is none of ours.
   * @throws AppError `ssh/config-unreadable`, whether the block counts or not
   */
  take(line: ConfigLine, block: Block): boolean {
    const option = optionOf(line.keyword);
    if (option === undefined) return false;
    const { key, adds = false } = option;
    const values = option.read(line);
    if (block.status === 'other' || (!adds && this.#isTaken(key))) return true;
    if (block.status === 'undecided') this.#passedOver.push({ key, criterion: block.criterion });
    else this.#set(key, values, line);
    return true;
  }

  toConfig(): SshConfig {
    const said = [...new Map(this.#values).set('hostname', [this.#dialled()])];
    const entries = said.flatMap(([key, values]) =>
      optionOf(key)?.noneIsUnset === true && values[0]?.toLowerCase() === 'none'
        ? []
        : values.map((value) => [key, value] as const),
    );
    return createSshConfig(entries, { found: false, passedOver: this.#passedOver });
  }

  #dialled(): string {
    const { host } = this.soFar();
    return isIP(host) === 0 ? host.toLowerCase() : host;
  }

  /** Of ProxyJump and ProxyCommand the first one counts. */
  #isTaken(key: string): boolean {
    const jump = this.first('proxyjump');
    if (key === 'proxyjump' && this.#values.has('proxycommand')) return true;
    if (key === 'proxycommand' && jump !== undefined && jump !== 'none') return true;
    return this.#values.has(key);
  }

  #set(key: string, values: readonly string[], line: ConfigLine): void {
    const before = this.#values.get(key) ?? [];
    const added = values.filter((value) => !before.includes(value));
    this.#values.set(key, [...before, ...added.map((value) => this.#expanded(key, value, line))]);
  }

  #expanded(key: string, value: string, line: ConfigLine): string {
    // Since OpenSSH 10 they stand for something here; before, for themselves.
    if (key === 'user' && /%|\$\{/.test(value)) throw lineFault(line, `only ssh can tell which user “${value}” is`);
    if (key !== 'hostname') return value;
    return value.replaceAll(/%(.?)/gs, (_whole, token: string) => {
      if (token === 'h') return this.#target.host;
      if (token === '%') return '%';
      throw lineFault(line, `“hostname” knows %h and %%, not “%${token}”`);
    });
  }
}
