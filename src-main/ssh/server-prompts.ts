import type { Prompt } from 'ssh2';

import type { ServerPrompts } from './answers.ts';

/** More than this no person would answer. */
export const MAX_PROMPTS = 8;
/** One round of keyboard-interactive authentication, as the server wrote it. */
export interface ServerWords {
  readonly title: string;
  readonly instruction: string;
  readonly prompts: readonly Prompt[];
}

const MAX_CHARS = { title: 100, instruction: 1_000, prompt: 200 } as const;

/** `Password: `, `(ann@studio) Password:`, `ann's password:`, as PAM and servers of other makes write it. */
const PASSWORD = /^(\([^()]*\)\s*)?(\S+'s\s+)?(password|passwort)(\s+for\s+\S+)?\s*:?\s*$/i;

/**
 * Whether the one thing that is asked for is the password of the account, which is the same every time. In doubt it
 * is not: an answer that is good for once must never be sent twice.
 */
export function asksForPassword(prompts: readonly Prompt[]): boolean {
  const [only, second] = prompts;
  return only !== undefined && second === undefined && only.echo !== true && PASSWORD.test(only.prompt);
}

/** What a server wrote, fit to be shown: without control characters, and not longer than a dialog. */
export function cleanedPrompts(asked: ServerWords): Omit<ServerPrompts, 'attempt'> {
  return {
    title: cleaned(asked.title, MAX_CHARS.title),
    instruction: cleaned(asked.instruction, MAX_CHARS.instruction),
    prompts: asked.prompts.map(({ prompt, echo }) => ({
      text: cleaned(prompt, MAX_CHARS.prompt) || 'Answer',
      echo: echo === true,
    })),
  };
}

/** Bidirectional marks count as control characters: with them a text can look like another one. */
function cleaned(text: string, maxChars: number): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ').trim());
  const plain = lines.join('\n').trim();
  return plain.length > maxChars ? `${plain.slice(0, maxChars - 1)}…` : plain;
}
