/**
 * What signing in over SSH needs of a person. No secret is in it. What a server wrote was cleaned and cut, and is to
 * be shown as the server's words: it may say anything.
 */
export type SignInQuestion =
  | (Asked & {
      readonly kind: 'passphrase';
      /** Path of the key file. */
      readonly file: string;
      /** Its name, as a person knows it: `id_ed25519`. */
      readonly key: string;
      /** `SHA256:…`; absent where the file does not show its public half. */
      readonly fingerprint: string | undefined;
    })
  | (Asked & { readonly kind: 'password' })
  | (Asked & {
      /** Whatever the server wants to know, such as a one-time code. Answered on the open connection, in time. */
      readonly kind: 'prompts';
      readonly title: string;
      readonly instruction: string;
      readonly prompts: readonly QuestionPrompt[];
      readonly expiresAtMs: number;
    });

interface Asked {
  /** Of this very question: an answer to an older one is not taken. */
  readonly id: string;
  readonly askedAtMs: number;
  /** The computer that is signed in to, which may be one on the way. */
  readonly host: string;
  readonly user: string;
  /** 1 at first. */
  readonly attempt: number;
  /** The last answer, or what was kept from earlier, was not right. */
  readonly wrong: boolean;
}

export interface QuestionPrompt {
  readonly text: string;
  /** What is typed may be seen. */
  readonly echo: boolean;
}

/** A kept answer saves typing it again; a code for one time cannot be kept. */
export function canBeKept({ kind }: SignInQuestion): boolean {
  return kind !== 'prompts';
}

/** What is asked for, to follow “Studio asks for”. */
export function askedFor(question: SignInQuestion): string {
  switch (question.kind) {
    case 'passphrase':
      return `the passphrase of ${question.key}`;
    case 'password':
      return `the password of ${question.user}@${question.host}`;
    case 'prompts': {
      const [only, second] = question.prompts;
      if (only === undefined || second !== undefined) return `${question.prompts.length} answers to sign in`;
      return `“${only.text.replace(/\s*:\s*$/, '')}” to sign in`;
    }
  }
}

/** The labels of the fields, in the order of the answers. */
export function fieldsOf(question: SignInQuestion): readonly QuestionPrompt[] {
  switch (question.kind) {
    case 'passphrase':
      return [{ text: 'Passphrase', echo: false }];
    case 'password':
      return [{ text: 'Password', echo: false }];
    case 'prompts':
      return question.prompts.map(({ text, echo }) => ({ text: text.replace(/\s*:\s*$/, ''), echo }));
  }
}

/** Why it is asked again; `undefined` when it is the first time. */
export function wrongText({ kind, wrong }: SignInQuestion): string | undefined {
  if (!wrong) return undefined;
  const words = { passphrase: 'That is not its passphrase.', password: 'It was refused.', prompts: 'It was refused.' };
  return words[kind];
}

/** What was typed, in the place of the name of a key. */
export const TYPED = { password: 'the password', answers: 'the answers' } as const;
