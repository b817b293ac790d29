import type { ErrorInfo } from '../contract/errors.ts';
import { askedFor, type SignInQuestion } from '../contract/question.ts';
import { SignIn } from '../ssh/sign-in.ts';
import { SignInMemory } from '../ssh/sign-in-memory.ts';
import { askPerson } from './ask-person.ts';
import type { NodeSurroundings } from './surroundings.ts';
import type { Terminal } from './terminal.ts';

export interface TypedAnswersDeps {
  readonly terminal: Terminal;
  readonly around: Pick<NodeSurroundings, 'keyOpener' | 'clock' | 'log' | 'redactor'>;
  /** Told of every question, before it is asked. */
  readonly onQuestion: (question: SignInQuestion) => void;
  /** The next attempt can use the answer. */
  readonly onAnswered: () => void;
  /** The person would not answer. */
  readonly onGivenUp: (cause: ErrorInfo) => void;
}

/** What one line asks for, typed on the terminal of this process. Where there is none, the line fails instead. */
export class TypedAnswers {
  readonly signIn: SignIn;
  readonly #deps: TypedAnswersDeps;
  #stopAsking = new AbortController();
  #asked: string | undefined;

  constructor(deps: TypedAnswersDeps) {
    this.#deps = deps;
    const { keyOpener, clock, log, redactor } = deps.around;
    this.signIn = new SignIn({
      memory: new SignInMemory(),
      opener: keyOpener,
      kept: undefined,
      clock,
      log,
      onChange: () => this.#changed(),
      onSecret: (secret) => redactor.add(secret),
    });
  }

  /** Somebody is about to answer. */
  get isOpen(): boolean {
    return this.signIn.question !== undefined;
  }

  close(): void {
    this.#stopAsking.abort();
    this.signIn.withdraw();
  }

  #changed(): void {
    const { question } = this.signIn;
    if (question?.id === this.#asked) return;
    this.#asked = question?.id;
    // Another question, or none any more: what is being typed has nobody to read it.
    this.#stopAsking.abort();
    if (question === undefined) return;
    this.#stopAsking = new AbortController();
    this.#deps.onQuestion(question);
    void this.#ask(question, this.#stopAsking.signal);
  }

  async #ask(question: SignInQuestion, signal: AbortSignal): Promise<void> {
    const typing = this.#deps.terminal.openTyping();
    if (typing === undefined) return this.signIn.withdraw();
    const answers = await askPerson(typing, question, signal);
    typing.close();
    if (signal.aborted) return;
    if (answers === undefined) return this.#giveUp(question);
    try {
      const effect = await this.signIn.answer({ questionId: question.id, answers, remember: false });
      if (effect === 'redial') this.#deps.onAnswered();
    } catch {
      this.#giveUp(question);
    }
  }

  #giveUp(question: SignInQuestion): void {
    this.signIn.withdraw();
    const params = { host: question.host, wanted: askedFor(question) };
    this.#deps.onGivenUp({ code: 'ssh/answer-needed', params });
  }
}
