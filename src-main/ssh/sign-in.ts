import { randomUUID } from 'node:crypto';

import type { ParsedKey } from 'ssh2';

import type { SignInAnswer } from '../contract/calls.ts';
import { fail, toErrorInfo } from '../contract/errors.ts';
import type { SignInQuestion } from '../contract/question.ts';
import type { TunnelState } from '../contract/tunnel.ts';
import type { Clock, Logger } from '../platform/ports.ts';
import {
  answerNeeded,
  wantedAnswers,
  wantedPassphrase,
  wantedPassword,
  type Answers,
  type ServerPrompts,
  type Wanted,
} from './answers.ts';
import type { LockedIdentity } from './identity-file.ts';
import { KnownAnswers, type KnownAnswersDeps } from './known-answers.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { siteOf, type Site } from './sign-in-memory.ts';

export interface SignInDeps extends KnownAnswersDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The question has changed. */
  readonly onChange: () => void;
  /** Told of every secret that was typed, so that no log shows it. */
  readonly onSecret: (secret: string) => void;
}

/** What an answer leads to: `redial` when the next attempt can use it, `taken` when a connection was waiting for it. */
export type AnswerEffect = 'redial' | 'taken' | 'asked-again';

interface Open {
  readonly question: SignInQuestion;
  readonly subject: Subject;
}

type Subject =
  | { readonly kind: 'passphrase'; readonly locked: LockedIdentity }
  | { readonly kind: 'password'; readonly site: Site }
  | { readonly kind: 'prompts'; readonly settle: (answers: readonly string[] | undefined) => void };

/** sshd gives up after 120 s (LoginGraceTime) and holds it against this address for 20 s, so we go before it does. */
const LIVE_LIMIT_MS = 100_000;

/**
 * The questions of one line, one at a time. What can be kept is asked for without a connection, for as long as it
 * takes: the attempt ends, and the answer starts the next one. What is good for once is asked for on the open
 * connection, and only once until a person has done something: nobody is called again and again by a line in trouble.
 */
export class SignIn implements Answers {
  readonly #deps: SignInDeps;
  readonly #known: KnownAnswers;
  #open: Open | undefined;
  /** Of the question that is being judged. */
  #judging: string | undefined;
  #mayAskLive = true;
  /** How often a person has done something. */
  #acts = 0;
  /** An attempt beside a line that is up would have had to ask. */
  #owesQuestion = false;
  #isLineUp = false;
  readonly #attempts = new Map<string, number>();

  constructor(deps: SignInDeps) {
    this.#deps = deps;
    this.#known = new KnownAnswers(deps);
  }

  get question(): SignInQuestion | undefined {
    return this.#open?.question;
  }

  get isAsking(): boolean {
    return this.#open?.subject.kind === 'prompts';
  }

  /** A person has started the line or tried it again, and so is there to be asked. */
  personActed(): void {
    this.#acts += 1;
    this.#mayAskLive = true;
  }

  /**
   * Told of every state of the tunnel. While a line is up, though perhaps in doubt, nobody is disturbed: the attempt
   * beside it fails, and is made once more, with the question, when the line turns out to be gone.
   */
  follow(state: TunnelState): 'redial' | undefined {
    this.#isLineUp = state.status === 'connected';
    if (this.#isLineUp) this.#owesQuestion = false;
    if (state.status !== 'failed' || state.cause.code !== 'ssh/answer-needed' || !this.#owesQuestion) return undefined;
    this.#owesQuestion = false;
    return 'redial';
  }

  async unlock(locked: LockedIdentity, host: ResolvedHost): Promise<ParsedKey> {
    return this.#orAsk(this.#known.unlock(locked, host), () =>
      this.#put(wantedPassphrase(locked, host), { kind: 'passphrase', locked }, locked.id),
    );
  }

  async password(host: ResolvedHost): Promise<string> {
    const site = siteOf(host);
    return this.#orAsk(this.#known.password(host), () =>
      this.#put(wantedPassword(host), { kind: 'password', site }, site),
    );
  }

  async ask(prompts: ServerPrompts, host: ResolvedHost, signal: AbortSignal): Promise<readonly string[]> {
    const wanted = wantedAnswers(prompts, host);
    signal.throwIfAborted();
    this.#owesQuestion = this.#isLineUp;
    if (this.#isLineUp || !this.#mayAskLive) throw answerNeeded(wanted);
    const { promise, resolve } = Promise.withResolvers<readonly string[] | undefined>();
    const actsBefore = this.#acts;
    const expiresAtMs = this.#deps.clock.now() + LIVE_LIMIT_MS;
    const { attempt } = prompts;
    const question = { ...wanted, ...this.#asked(attempt, attempt > 1), expiresAtMs } as SignInQuestion;
    this.#show({ question, subject: { kind: 'prompts', settle: resolve } });
    const stopTimer = this.#deps.clock.after(LIVE_LIMIT_MS, () => resolve(undefined));
    const abort = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    const answers = await promise;
    signal.removeEventListener('abort', abort);
    stopTimer();
    if (this.#open?.question === question) this.#show(undefined);
    if (answers) return answers;
    // “Try now” replaces an attempt as well, and is not the line calling by itself.
    this.#mayAskLive = this.#acts !== actsBefore;
    throw answerNeeded(wanted);
  }

  passwordState(host: ResolvedHost): ReturnType<Answers['passwordState']> {
    return this.#known.passwordState(host);
  }

  passwordRefused(host: ResolvedHost): Promise<void> {
    return this.#known.passwordRefused(host);
  }

  async accepted(host: ResolvedHost): Promise<void> {
    this.#mayAskLive = true;
    this.#attempts.delete(siteOf(host));
    // Another key, or the agent, made the answer needless.
    if (this.#open?.question.host === host.name) this.#show(undefined);
    await this.#known.accepted(host);
  }

  /** @throws AppError `app/input-invalid` for an answer to no open question, `ssh/identity-unreadable` */
  async answer({ questionId, answers, remember }: SignInAnswer): Promise<AnswerEffect> {
    const open = this.#openOf(questionId);
    const [first = ''] = answers;
    const expected = open.question.kind === 'prompts' ? open.question.prompts.length : 1;
    if (answers.length !== expected) throw invalid(`${expected} answers are expected`);
    switch (open.subject.kind) {
      case 'prompts':
        open.subject.settle(answers);
        this.personActed();
        return 'taken';
      case 'password':
        this.#deps.onSecret(first);
        this.personActed();
        this.#known.givePassword(open.subject.site, first, remember);
        this.#show(undefined);
        return 'redial';
      case 'passphrase':
        this.#deps.onSecret(first);
        this.personActed();
        return this.#judge(open, open.subject.locked, { passphrase: first, remember });
    }
  }

  /** @throws AppError `app/input-invalid` when the question is no longer open */
  decline(questionId: string): void {
    this.#openOf(questionId);
    this.withdraw();
  }

  /** Takes the question back. A connection that waits for its answer is given up. */
  withdraw(): void {
    const subject = this.#open?.subject;
    this.#show(undefined);
    this.#attempts.clear();
    if (subject?.kind === 'prompts') subject.settle(undefined);
  }

  forget(): Promise<void> {
    this.withdraw();
    return this.#known.forget();
  }

  async #judge(
    open: Open,
    locked: LockedIdentity,
    { passphrase, remember }: { readonly passphrase: string; readonly remember: boolean },
  ): Promise<AnswerEffect> {
    const { question } = open;
    this.#judging = question.id;
    try {
      const key = await this.#known.tryPassphrase(locked, passphrase);
      // Withdrawn meanwhile: the key stays unlocked, and nobody waits for it.
      if (this.#open?.question !== question) return 'taken';
      if (!key) {
        this.#show({ ...open, question: { ...question, ...this.#asked(question.attempt + 1, true) } });
        return 'asked-again';
      }
      if (remember) await this.#known.rememberPassphrase(locked, passphrase);
      this.#show(undefined);
      return 'redial';
    } finally {
      this.#judging = undefined;
    }
  }

  async #orAsk<T>(known: Promise<T>, put: () => void): Promise<T> {
    try {
      return await known;
    } catch (error) {
      if (toErrorInfo(error).code === 'ssh/answer-needed') put();
      throw error;
    }
  }

  /** The same question stays as it is: somebody may be typing. */
  #put(wanted: Wanted, subject: Subject, of: string): void {
    const open = this.#open?.subject;
    if (open?.kind === 'passphrase' && open.locked.id === of) return;
    if (open?.kind === 'password' && open.site === of) return;
    const attempt = (this.#attempts.get(of) ?? 0) + 1;
    this.#attempts.set(of, attempt);
    const question = { ...wanted, ...this.#asked(attempt, this.#known.wasWrong(of)) } as SignInQuestion;
    this.#show({ question, subject });
  }

  #asked(attempt: number, wrong: boolean) {
    return { id: randomUUID(), askedAtMs: this.#deps.clock.now(), attempt, wrong };
  }

  #openOf(questionId: string): Open {
    const open = this.#open;
    if (open?.question.id !== questionId) throw invalid('That question is no longer open');
    if (this.#judging === questionId) throw invalid('The last answer is still being tried');
    return open;
  }

  #show(open: Open | undefined): void {
    if (open === this.#open) return;
    const { kind, wrong, attempt } = open?.question ?? {};
    this.#deps.log.info('question changed', { kind, wrong, attempt });
    this.#open = open;
    this.#deps.onChange();
  }
}

function invalid(problem: string) {
  return fail('app/input-invalid', { call: 'gateway.answer', problem });
}
