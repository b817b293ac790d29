import { fieldsOf, type SignInQuestion } from '../contract/question.ts';
import { questionLines } from './question-text.ts';
import type { TypingTerminal } from './typing-terminal.ts';

/** Asks on a terminal, field by field; `undefined` when the person gave up or `signal` ended it. */
export async function askPerson(
  terminal: TypingTerminal,
  question: SignInQuestion,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  terminal.write(`${questionLines(question).join('\n')}\n`);
  const answers: string[] = [];
  for (const { text, echo } of fieldsOf(question)) {
    const answer = await terminal.readLine({ prompt: `${text}: `, echo, signal });
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  return answers;
}
