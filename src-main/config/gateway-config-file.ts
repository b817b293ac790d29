import { createHmac, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { type ConfigIssue, type ConfigSource, type ConfigView, type PatchOutcome } from '../contract/config-view.ts';
import type { ErrorInfo } from '../contract/errors.ts';
import type { Files } from '../platform/ports.ts';
import { interpretGatewayConfig, type LoadedGatewayConfig } from './gateway-config.ts';
import { editJson5, type Change } from './json5-edit.ts';
import { isRaw, parseText, type Raw } from './parse-text.ts';
import { holdsMark, redactText, redactValue } from './redact-config.ts';

/** The configuration file of a gateway: seen without secrets, and changed key by key. */
export class GatewayConfigFile implements ConfigSource {
  readonly path: string;
  readonly #files: Files;
  /** A plain hash would let whoever sees it try passwords at leisure. */
  readonly #hashKey = randomBytes(32);
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, files: Files) {
    this.path = path;
    this.#files = files;
  }

  async view(): Promise<ConfigView> {
    return this.#toView(await this.#files.read(this.path));
  }

  /**
   * Merges a change, JSON5 text, into the file (RFC 7396: null takes a key out, an object is merged, anything else replaces). What is
   * written keeps its comments and its unknown keys; the text before is kept beside it as `.bak`.
   *
   * @throws AppError `app/file-unwritable`; the file is as it was then.
   */
  patch(raw: string, baseHash: string): Promise<PatchOutcome> {
    const next = this.#last.then(() => this.#patch(raw, baseHash));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #patch(raw: string, baseHash: string): Promise<PatchOutcome> {
    const patch = parseText(raw);
    if (patch.status === 'unreadable') return { status: 'invalid', issues: [{ path: '', message: patch.problem }] };
    const before = await this.#files.read(this.path);
    if (this.#hash(before) !== baseHash) return { status: 'stale' };
    const text = before ?? '{\n}\n';
    const parsed = parseText(text);
    if (parsed.status === 'unreadable') return { status: 'invalid', issues: [{ path: '', message: parsed.problem }] };
    const changes = changesOf(parsed.raw, patch.raw);
    const lost = changes.filter(({ value }) => holdsMark(value));
    if (lost.length > 0) return { status: 'invalid', issues: lost.map(toMarkIssue) };
    const after = editJson5(text, changes);
    const issues = newIssues(this.path, text, after);
    if (issues.length > 0) return { status: 'invalid', issues };
    if (before !== undefined && changes.length > 0) await this.#files.copy(this.path, `${this.path}.bak`);
    if (changes.length > 0) await this.#files.writeAtomic(this.path, after);
    const changedPaths = changes.map(({ path }) => path.join('.'));
    return { status: 'written', view: this.#toView(changes.length > 0 ? after : before), changedPaths };
  }

  #toView(text: string | undefined): ConfigView {
    const base = { path: this.path, exists: text !== undefined, hash: this.#hash(text) };
    const parsed = parseText(text ?? '{}');
    if (parsed.status === 'unreadable') {
      const issues = [{ path: '', message: `line ${parsed.line}: ${parsed.problem}` }];
      return { ...base, valid: false, raw: undefined, parsed: {}, issues };
    }
    const problems = interpretGatewayConfig(parsed.raw, { file: this.path, text: text ?? '{}' }).problems;
    const issues = problems.filter(isFault).map(toIssue);
    const raw = text === undefined ? undefined : redactText(text);
    return { ...base, valid: issues.length === 0, raw, parsed: redactValue(parsed.raw) as Raw, issues };
  }

  #hash(text = ''): string {
    return `hmac-sha256:v1:${createHmac('sha256', this.#hashKey).update(text).digest('base64url')}`;
  }
}

/** What a change that is known to be a good one makes of a text, to the byte. */
export function patchedText(text: string, patch: Raw): string | undefined {
  const parsed = parseText(text);
  return parsed.status === 'unreadable' ? undefined : editJson5(text, changesOf(parsed.raw, patch));
}

/** What differs, key by key. A mark in the place of a secret that is there means: leave it. */
function changesOf(before: Raw, patch: Raw, path: readonly string[] = []): readonly Change[] {
  return Object.entries(patch).flatMap(([key, value]): readonly Change[] => {
    const at = [...path, key];
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (value === null) return old === undefined ? [] : [{ path: at, value: undefined }];
    if (old !== undefined && isAsShown(key, old, value)) return [];
    if (isRaw(value) && isRaw(old)) return changesOf(old, value, at);
    return isDeepStrictEqual(old, value) ? [] : [{ path: at, value: isRaw(value) ? withoutNulls(value) : value }];
  });
}

function isAsShown(key: string, old: unknown, value: unknown): boolean {
  return holdsMark(value) && isDeepStrictEqual(redactValue({ [key]: old }), { [key]: value });
}

/** In what is new, there is nothing to take out. */
function withoutNulls(value: Raw): Raw {
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, isRaw(inner) ? withoutNulls(inner) : inner]));
}

function toMarkIssue({ path }: Change): ConfigIssue {
  return { path: path.join('.'), message: 'a hidden secret cannot be written to another place' };
}

/** Faults that the change would bring; those that were there before are not held against it. */
function newIssues(file: string, before: string, after: string): readonly ConfigIssue[] {
  const known = new Set(faultsIn(file, before).map(({ path }) => path));
  return faultsIn(file, after).filter(({ path }) => !known.has(path));
}

function faultsIn(file: string, text: string): readonly ConfigIssue[] {
  const parsed = parseText(text);
  if (parsed.status === 'unreadable') return [{ path: '', message: parsed.problem }];
  return interpretGatewayConfig(parsed.raw, { file, text }).problems.filter(isFault).map(toIssue);
}

/** Keys that nobody here knows are kept for whoever does. */
function isFault({ code }: LoadedGatewayConfig['problems'][number]): boolean {
  return code !== 'config/key-unknown';
}

function toIssue({ code, params }: ErrorInfo): ConfigIssue {
  if (code === 'config/key-invalid') return { path: params.key, message: `should be ${params.expected}` };
  return { path: '', message: code === 'config/unreadable' ? params.problem : code };
}
