import { toErrorInfo } from '../contract/errors.ts';
import type { Logger, SecretStore } from '../platform/ports.ts';

/** Passphrases by the path of their file, passwords by `user@host:port`. */
interface Kept {
  readonly passphrases?: Readonly<Record<string, string>>;
  readonly passwords?: Readonly<Record<string, string>>;
}

export interface KeptAnswersDeps {
  readonly secrets: SecretStore;
  /** Name of the one secret that holds them all, so that they are forgotten as a whole. */
  readonly name: string;
  readonly log: Logger;
}

/** The answers that a person asked to keep for one gateway, in the keychain. What cannot be read counts as absent. */
export class KeptAnswers {
  readonly #deps: KeptAnswersDeps;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: KeptAnswersDeps) {
    this.#deps = deps;
  }

  async get(kind: keyof Kept, of: string): Promise<string | undefined> {
    await this.#turn;
    return (await this.#read())[kind]?.[of];
  }

  /** `undefined` forgets it. Never rejects: what could not be kept is asked for again another day. */
  put(kind: keyof Kept, of: string, answer: string | undefined): Promise<void> {
    const put = this.#inTurn(async () => {
      const kept = await this.#read();
      const { [of]: before, ...others } = kept[kind] ?? {};
      if (before === answer) return;
      const next = { ...kept, [kind]: answer === undefined ? others : { ...others, [of]: answer } };
      await this.#deps.secrets.set(this.#deps.name, JSON.stringify(next));
    });
    return put.catch((error: unknown) => {
      this.#deps.log.warn('an answer was not kept', { code: toErrorInfo(error).code });
    });
  }

  /** @throws AppError when the store cannot be written */
  forgetAll(): Promise<void> {
    return this.#inTurn(() => this.#deps.secrets.delete(this.#deps.name));
  }

  async #read(): Promise<Kept> {
    try {
      const kept: unknown = JSON.parse((await this.#deps.secrets.get(this.#deps.name)) ?? '{}');
      return typeof kept === 'object' && kept !== null ? kept : {};
    } catch (error) {
      this.#deps.log.warn('kept answers cannot be read', { code: toErrorInfo(error).code });
      return {};
    }
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
