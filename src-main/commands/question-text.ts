import { askedFor, wrongText, type SignInQuestion } from '../contract/question.ts';
import { shellWord } from './repair-command.ts';

/** What a gateway asks for, and the words that answer it. */
export function questionSentence(gateway: string, question: SignInQuestion): string {
  return `${gateway} asks for ${askedFor(question)}.${why(question)}\n  With: ${answerCommand(gateway)}`;
}

export function answerCommand(gateway: string): string {
  return `gangway answer ${shellWord(gateway)}`;
}

/** What a person is told before the first field, one thing a line. What the server wrote is set off as its words. */
export function questionLines(question: SignInQuestion): readonly string[] {
  const { host, user } = question;
  switch (question.kind) {
    case 'passphrase':
      return [`To sign in to ${host}, the key ${question.file} is needed.${why(question)}`];
    case 'password':
      return [`To sign in to ${host}, the password of ${user} is needed.${why(question)}`];
    case 'prompts': {
      const said = [question.title, ...question.instruction.split('\n')].filter((line) => line !== '');
      return [`${host} asks ${user}:${why(question)}`, ...said.map((line) => `  | ${line}`)];
    }
  }
}

function why(question: SignInQuestion): string {
  const text = wrongText(question);
  return text === undefined ? '' : ` ${text}`;
}
