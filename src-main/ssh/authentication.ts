import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';

import { fail, type AppError } from '../contract/errors.ts';
import { TYPED } from '../contract/question.ts';
import { answerNeeded, wantedAnswers, type Answers } from './answers.ts';
import { MAX_FAILURES, type Credentials, type Offer } from './credentials.ts';
import type { LockedIdentity } from './identity-file.ts';
import { LockedKeyAgent, publicKeyOf } from './locked-key-agent.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { OneKeyAgent } from './ssh-agent.ts';
import { untriedIn } from './ssh-failure.ts';
import { asksForPassword, cleanedPrompts, MAX_PROMPTS, type ServerWords } from './server-prompts.ts';

export interface AuthenticationDeps {
  readonly host: ResolvedHost;
  readonly credentials: Credentials;
  readonly answers: Answers;
  readonly signal: AbortSignal;
  /** A person is asked while the connection is open; what ends it meanwhile is this, until it is `undefined` again. */
  readonly onAsking: (ifItEnds: AppError | undefined) => void;
  /** Nothing more will be tried. */
  readonly onGiveUp: (reason: unknown) => void;
}

/** As in OpenSSH (NumberOfPasswordPrompts). */
const MAX_ROUNDS = 3;

type Tried =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly offer: Offer; readonly method: AnyAuthMethod }
  | { readonly kind: 'password' }
  | { kind: 'prompts'; gavePassword: boolean; asked: boolean };

/** What the server has taken, as a person calls it; with the key if it was one. */
export interface Accepted {
  readonly name: string;
  readonly publicBlob: Buffer | undefined;
}

type Round = Extract<Tried, { kind: 'prompts' }>;

/**
 * Chooses what to show the server next, in OpenSSH's order: keys, keyboard-interactive, password; only what the server
 * offers, and only as much as leaves it content. One object serves one connection.
 */
export class Authentication {
  readonly #deps: AuthenticationDeps;
  readonly #keys: Offer[];
  readonly #refused: string[];
  readonly #mostFailures: number;
  readonly #accepted: Tried[] = [];
  #current: Tried | undefined;
  #failures = 0;
  #rounds = 0;
  #isOver = false;

  constructor(deps: AuthenticationDeps) {
    this.#deps = deps;
    const { offers, refused = [], mostFailures = MAX_FAILURES } = deps.credentials;
    this.#keys = [...offers];
    this.#refused = [...refused];
    this.#mostFailures = mostFailures;
    deps.signal.addEventListener('abort', () => this.#agent?.close(), { once: true });
  }

  /** What was offered so far, for the sentence of a refusal. */
  get tried(): readonly string[] {
    const name = nameOf(this.#current);
    return name === undefined ? this.#refused : [...this.#refused, name];
  }

  /** Keys that were not shown although others were refused. */
  get untried(): number {
    return this.tried.length === 0 ? 0 : this.#keys.length + (this.#deps.credentials.passedOver ?? 0);
  }

  /** The key that the server would take and the agent has not signed with yet, as a person calls it. */
  get unsigned(): string | undefined {
    return this.#agent?.isSigning === true ? nameOf(this.#current) : undefined;
  }

  get #agent(): OneKeyAgent | undefined {
    const method = this.#current?.kind === 'key' ? this.#current.method : undefined;
    return method?.type === 'agent' && method.agent instanceof OneKeyAgent ? method.agent : undefined;
  }

  /** To be read when the server has let us in: what it took; nothing when it asked for nothing. */
  get accepted(): readonly Accepted[] {
    return [...this.#accepted, this.#current].flatMap((tried) => acceptedIn(tried) ?? []);
  }

  /** The next offer; `undefined` when there is none, after `onGiveUp` was told why. */
  async next(left: readonly AuthenticationType[] | null, partial: boolean): Promise<AnyAuthMethod | undefined> {
    // ssh2 goes on to the next method when an agent is closed, though the connection is over.
    if (this.#isOver || this.#deps.signal.aborted) return undefined;
    try {
      await this.#judgeLast(partial);
      const method = await this.#choose(left?.filter((each) => !this.#isRuledOut(each)) ?? null);
      if (method) return method;
      this.#giveUp(this.#refusal());
    } catch (error) {
      this.#giveUp(error);
    }
    return undefined;
  }

  #isRuledOut(method: string): boolean {
    return this.#deps.host.ruledOut?.some((each) => each === method) === true;
  }

  async #judgeLast(partial: boolean): Promise<void> {
    const last = this.#current;
    this.#current = undefined;
    const name = nameOf(last);
    if (!last || name === undefined) return;
    if (partial) {
      this.#accepted.push(last);
      return;
    }
    this.#failures += 1;
    // Refused without a question, as by a phone that was not touched: it should not ring again.
    if (last.kind === 'prompts' && !last.asked && !last.gavePassword) this.#rounds = MAX_ROUNDS;
    if (!this.#refused.includes(name)) this.#refused.push(name);
    if (last.kind === 'password' || (last.kind === 'prompts' && last.gavePassword)) await this.#judgePassword(last);
  }

  /** A code that was typed beside a password is to blame first, if the server has taken the password before. */
  async #judgePassword(last: Exclude<Tried, { kind: 'none' | 'key' }>): Promise<void> {
    const { answers, host } = this.#deps;
    const isCodeToBlame = last.kind === 'prompts' && last.asked && answers.passwordState(host) === 'proven';
    if (isCodeToBlame && this.#mayAskAgain) return;
    await answers.passwordRefused(host);
    // Asked for at once: another method would only have the server refuse the same password again.
    await answers.password(host);
  }

  get #mayAskAgain(): boolean {
    return this.#rounds < MAX_ROUNDS && this.#failures < this.#mostFailures;
  }

  async #choose(left: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | undefined> {
    const { user: username } = this.#deps.host;
    // `none` is free of charge: it tells what the server accepts, and Tailscale's SSH server asks for no more.
    if (left === null) return this.#offer({ kind: 'none' }, { type: 'none', username });
    if (this.#failures >= this.#mostFailures) return undefined;
    const mayType = left.includes('keyboard-interactive') || left.includes('password');
    // The last try is kept for what can be typed.
    const keyLimit = mayType ? this.#mostFailures - 1 : this.#mostFailures;
    if (left.includes('publickey') && this.#failures < keyLimit) {
      const key = this.#keys.shift();
      if (key) {
        const method = await this.#methodOf(key);
        return this.#offer({ kind: 'key', offer: key, method }, method);
      }
    }
    if (left.includes('keyboard-interactive') && this.#mayAskAgain) return this.#startRound();
    if (!left.includes('password') || this.#refused.includes(TYPED.password)) return undefined;
    const password = await this.#deps.answers.password(this.#deps.host);
    return this.#offer({ kind: 'password' }, { type: 'password', username, password });
  }

  #offer(tried: Tried, method: AnyAuthMethod): AnyAuthMethod {
    this.#current = tried;
    return method;
  }

  async #methodOf(offer: Offer): Promise<AnyAuthMethod> {
    if ('method' in offer) return offer.method;
    const { user: username } = this.#deps.host;
    const { locked } = offer;
    const publicKey = publicKeyOf(locked);
    if (!publicKey)
      return { type: 'publickey', username, key: await this.#deps.answers.unlock(locked, this.#deps.host) };
    return { type: 'agent', username, agent: new LockedKeyAgent(publicKey, () => this.#unlock(locked)) };
  }

  async #unlock(locked: LockedIdentity): Promise<ParsedKey | undefined> {
    try {
      return await this.#deps.answers.unlock(locked, this.#deps.host);
    } catch (error) {
      this.#giveUp(error);
      return undefined;
    }
  }

  #startRound(): AnyAuthMethod {
    this.#rounds += 1;
    const round: Round = { kind: 'prompts', gavePassword: false, asked: false };
    return this.#offer(round, {
      type: 'keyboard-interactive',
      username: this.#deps.host.user,
      // oxlint-disable-next-line max-params -- the signature of ssh2
      prompt: (title, instruction, _language, prompts, finish) =>
        void this.#converse(round, { title, instruction, prompts }, finish),
    });
  }

  async #converse(round: Round, asked: ServerWords, finish: (answers: string[]) => void): Promise<void> {
    try {
      finish([...(await this.#answer(round, asked))]);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  async #answer(round: Round, asked: ServerWords): Promise<readonly string[]> {
    const { answers, host, signal, onAsking } = this.#deps;
    if (asked.prompts.length > MAX_PROMPTS) {
      throw fail('ssh/handshake-failed', {
        host: host.name,
        problem: 'it asks for more answers than a person would give',
      });
    }
    // Somebody sits there and has typed a code that would be lost: the password is asked for right now as well.
    const isLive = round.asked && answers.passwordState(host) === 'unknown';
    if (asksForPassword(asked.prompts) && !isLive) {
      // Asked twice in one conversation: the first was wrong.
      if (round.gavePassword) await answers.passwordRefused(host);
      const password = await answers.password(host);
      round.gavePassword = true;
      return [password];
    }
    const prompts = { ...cleanedPrompts(asked), attempt: this.#rounds };
    onAsking(answerNeeded(wantedAnswers(prompts, host)));
    const given = await answers.ask(prompts, host, signal);
    onAsking(undefined);
    round.asked = true;
    return given;
  }

  #giveUp(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deps.onGiveUp(reason);
  }

  #refusal(): AppError {
    const { host, credentials } = this.#deps;
    const { name, user } = host;
    return this.#refused.length === 0 && credentials.offers.length === 0
      ? fail('ssh/no-credentials', { host: name, agent: credentials.agent })
      : fail('ssh/auth-rejected', { host: name, user, tried: this.#refused, ...untriedIn(this.untried) });
  }
}

function acceptedIn(tried: Tried | undefined): Accepted | undefined {
  const name = nameOf(tried);
  return name === undefined
    ? undefined
    : { name, publicBlob: tried?.kind === 'key' ? tried.offer.publicBlob : undefined };
}

function nameOf(tried: Tried | undefined): string | undefined {
  switch (tried?.kind) {
    case 'key':
      return tried.offer.name;
    case 'password':
      return TYPED.password;
    case 'prompts':
      return tried.gavePassword && !tried.asked ? TYPED.password : TYPED.answers;
    case 'none':
    case undefined:
      return undefined;
  }
}
