import { basename } from 'node:path';

import type { ParsedKey } from 'ssh2';

import { fail, type AppError } from '../contract/errors.ts';
import { askedFor, type QuestionPrompt, type SignInQuestion } from '../contract/question.ts';
import { fingerprint } from './host-key.ts';
import type { LockedIdentity } from './identity-file.ts';
import type { ResolvedHost } from './resolve-host.ts';

/** What a server wants to know, cleaned and cut. */
export interface ServerPrompts {
  readonly title: string;
  readonly instruction: string;
  readonly prompts: readonly QuestionPrompt[];
  /** 1 at first; more when the server was not content. */
  readonly attempt: number;
}

/**
 * Where signing in gets what no file and no agent holds. Every method throws AppError `ssh/answer-needed` when a
 * person would have to give it; that stops the attempts until somebody did.
 */
export interface Answers {
  /** A connection stands open for somebody who is being asked. */
  readonly isAsking: boolean;
  /** @throws AppError also `ssh/identity-unreadable` */
  unlock(locked: LockedIdentity, host: ResolvedHost): Promise<ParsedKey>;
  password(host: ResolvedHost): Promise<string>;
  /** The server did not take the password. */
  passwordRefused(host: ResolvedHost): Promise<void>;
  /** `proven`: the server has taken this very password before. */
  passwordState(host: ResolvedHost): 'unknown' | 'given' | 'proven';
  /** Answers that are good for once, given while the connection is open. */
  ask(prompts: ServerPrompts, host: ResolvedHost, signal: AbortSignal): Promise<readonly string[]>;
  /** The server let us in. */
  accepted(host: ResolvedHost): Promise<void>;
}

/** What is known of a question before it is asked. */
export type Wanted = SignInQuestion extends infer Q
  ? Q extends SignInQuestion
    ? Omit<Q, 'id' | 'askedAtMs' | 'attempt' | 'wrong' | 'expiresAtMs'>
    : never
  : never;

export function wantedPassphrase(locked: LockedIdentity, { name, user }: ResolvedHost): Wanted {
  const { path: file, publicBlob } = locked;
  return {
    kind: 'passphrase',
    host: name,
    user,
    file,
    key: basename(file),
    fingerprint: publicBlob && fingerprint(publicBlob),
  };
}

export function wantedPassword({ name, user }: ResolvedHost): Wanted {
  return { kind: 'password', host: name, user };
}

export function wantedAnswers({ title, instruction, prompts }: ServerPrompts, { name, user }: ResolvedHost): Wanted {
  return { kind: 'prompts', host: name, user, title, instruction, prompts };
}

export function answerNeeded(wanted: Wanted): AppError {
  const question = { id: '', askedAtMs: 0, attempt: 1, wrong: false, expiresAtMs: 0, ...wanted };
  return fail('ssh/answer-needed', { host: wanted.host, wanted: askedFor(question) });
}

/** Where there is nobody to ask, and nothing is known. */
export const nobody: Answers = {
  isAsking: false,
  unlock: async (locked, host) => {
    throw answerNeeded(wantedPassphrase(locked, host));
  },
  password: async (host) => {
    throw answerNeeded(wantedPassword(host));
  },
  ask: async (prompts, host) => {
    throw answerNeeded(wantedAnswers(prompts, host));
  },
  passwordState: () => 'unknown',
  passwordRefused: async () => {},
  accepted: async () => {},
};
