import { isDeepStrictEqual } from 'node:util';

import { fail, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import type { Files } from '../platform/ports.ts';
import { loadSettings } from './load-settings.ts';
import { mergeSettings } from './merge-settings.ts';
import type { Raw } from './parse-text.ts';
import { SettingsSchema, toStored, type Settings } from './settings-schema.ts';

export interface LoadedSettings {
  readonly settings: Settings;
  readonly problems: readonly ErrorInfo[];
}

/** What is known of the file. `text` is absent where the next update must look at it again. */
interface Known {
  readonly text: string | undefined;
  readonly raw: Raw;
  readonly settings: Settings;
}

interface Look {
  readonly known: Known;
  readonly problems: readonly ErrorInfo[];
}

/**
 * The settings file: read at the start, written when something changed, plain JSON. Updates run one
 * after the other, each on top of what the file holds at that moment, so an edit by hand is kept
 * while the app runs. Comments are understood; the first change leaves them out.
 */
export class SettingsStore {
  readonly #path: string;
  readonly #files: Files;
  #known: Known | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, files: Files) {
    this.#path = path;
    this.#files = files;
  }

  /** The settings after the last `load` or `update`. */
  get current(): Settings {
    if (!this.#known) throw new TypeError('settings are asked for before they were loaded');
    return this.#known.settings;
  }

  /**
   * Never changes the file. One that cannot be understood is copied aside, once, and the defaults
   * are used.
   *
   * @throws AppError `settings/newer-than-app`
   */
  load(): Promise<LoadedSettings> {
    return this.#inTurn(async () => {
      const { known, problems } = await this.#look();
      this.#known = known;
      return { settings: known.settings, problems };
    });
  }

  /**
   * Writes the file when `change` changed something, touching only what changed: unknown keys and
   * whatever stands in invalid ones stay. A wish for a gateway that is not in the list becomes off.
   *
   * @throws AppError `app/input-invalid` when the outcome could not be loaded again,
   *   `settings/newer-than-app`, `app/file-unwritable`; nothing was changed then.
   */
  update(change: (settings: Settings) => Settings): Promise<void> {
    return this.#inTurn(async () => {
      const base = await this.#refresh();
      const settings = withValidWish(change(base.settings));
      const changed = !isDeepStrictEqual(settings, base.settings);
      this.#known = changed ? await this.#write(base, settings) : base;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #read(): Promise<string | undefined> {
    return this.#files.read(this.#path);
  }

  /** What the file holds now. A file that vanished or broke while the app runs leaves what was known. */
  async #refresh(): Promise<Known> {
    const text = await this.#read().catch((error: unknown) => {
      throw fail('app/file-unwritable', { file: this.#path, reason: 'it is there and cannot be read' }, error);
    });
    if (this.#known && (text === undefined || text === this.#known.text)) return this.#known;
    const loaded = text === undefined ? undefined : loadSettings(text, this.#path);
    if (loaded?.status === 'readable') return { text, raw: loaded.raw, settings: loaded.settings };
    if (text !== undefined) await this.#copyAside(text);
    return this.#known ?? defaults(text);
  }

  async #look(): Promise<Look> {
    let text: string | undefined;
    try {
      text = await this.#read();
    } catch {
      return this.#unreadable({ line: 1, copy: this.#path });
    }
    if (text === undefined) return { known: defaults(undefined), problems: [] };
    const loaded = loadSettings(text, this.#path);
    if (loaded.status === 'unreadable') return this.#keepBroken(text, loaded.line);
    return { known: { text, raw: loaded.raw, settings: loaded.settings }, problems: loaded.problems };
  }

  async #keepBroken(text: string, line: number): Promise<Look> {
    try {
      const { known, problems } = this.#unreadable({ line, copy: await this.#copyAside(text) });
      return { known: { ...known, text }, problems };
    } catch (error) {
      const { known, problems } = this.#unreadable({ line, copy: this.#path });
      return { known, problems: [...problems, toErrorInfo(error)] };
    }
  }

  #unreadable(place: { readonly line: number; readonly copy: string }): Look {
    const problem: ErrorInfo = { code: 'settings/unreadable', params: { file: this.#path, ...place } };
    return { known: defaults(undefined), problems: [problem] };
  }

  /** The path of the copy. The same broken text is kept once, however often the app starts. */
  async #copyAside(text: string): Promise<string> {
    for (let number = 1; ; number += 1) {
      const copy = `${this.#path}.broken-${number}`;
      const earlier = await this.#files.read(copy);
      if (earlier === text) return copy;
      if (earlier !== undefined) continue;
      await this.#files.copy(this.#path, copy);
      return copy;
    }
  }

  async #write(base: Known, settings: Settings): Promise<Known> {
    const stored = loadSettings(JSON.stringify(toStored(settings)), this.#path);
    const problem = stored.status === 'readable' ? stored.problems[0] : undefined;
    if (problem?.code === 'settings/key-invalid') {
      const { key, expected } = problem.params;
      throw fail('app/input-invalid', { call: 'settings', problem: `“${key}” should be ${expected}` });
    }
    const raw = mergeSettings(base.raw, base.settings, settings);
    const text = `${JSON.stringify(raw, undefined, 2)}\n`;
    await this.#files.writeAtomic(this.#path, text);
    return { text, raw, settings };
  }
}

function defaults(text: string | undefined): Known {
  return { text, raw: {}, settings: SettingsSchema.parse({}) };
}

function withValidWish(settings: Settings): Settings {
  const ids = [LOCAL_GATEWAY, ...settings.gateways.map(({ id }) => id)];
  return settings.use === undefined || ids.includes(settings.use) ? settings : { ...settings, use: undefined };
}
