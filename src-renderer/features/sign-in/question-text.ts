import { wrongText, type SignInQuestion } from '../../../src-main/contract/question.ts';

/** The words of the dialog around the fields. */
export interface QuestionText {
  readonly title: string;
  readonly sentence: string;
  /** Below the first field; absent where there is nothing to add. */
  readonly help: string | undefined;
  readonly verb: string;
  readonly busyVerb: string;
  /** Why it is asked again. */
  readonly problem: string | undefined;
}

export function questionText(question: SignInQuestion): QuestionText {
  const problem = wrongText(question);
  const { host, user } = question;
  switch (question.kind) {
    case 'passphrase':
      return {
        title: `Passphrase for ${question.key}`,
        sentence: `Needed to sign in to ${host}. It never leaves this computer.`,
        help: question.fingerprint === undefined ? question.file : `${question.file}, ${question.fingerprint}`,
        verb: 'Unlock',
        busyVerb: 'Unlocking',
        problem,
      };
    case 'password':
      return {
        title: `Password of ${user} on ${host}`,
        sentence: `It is sent to ${host} alone, over the verified SSH connection.`,
        help: undefined,
        verb: 'Sign in',
        busyVerb: 'Signing in',
        problem,
      };
    case 'prompts':
      return {
        title: `Sign in to ${host}`,
        sentence: `${host} wants to know this of ${user}. It is asked on an open connection and is not kept.`,
        help: undefined,
        verb: 'Sign in',
        busyVerb: 'Signing in',
        problem,
      };
  }
}

/** Why an answer cannot be given as it is. A server may take an empty answer; a key or an account does not. */
export function missing(question: SignInQuestion, answers: readonly string[]): string | undefined {
  if (question.kind === 'prompts' || answers[0] !== '') return undefined;
  return question.kind === 'passphrase' ? 'A passphrase is needed.' : 'A password is needed.';
}
