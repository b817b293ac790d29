import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { toErrorInfo, type ErrorInfo } from '../../contract/errors.ts';
import type { SignInQuestion } from '../../contract/question.ts';
import type { Clock, SecretStore } from '../../platform/ports.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { Dialer, type DialOptions } from '../dialer.ts';
import { KeptAnswers } from '../kept-answers.ts';
import type { Link } from '../link.ts';
import { openPrivateKey } from '../private-key.ts';
import { SignIn, type AnswerEffect } from '../sign-in.ts';
import { SignInMemory } from '../sign-in-memory.ts';
import { noPrograms, realClock, realFiles, realRunner } from './real-ports.ts';
import { until } from './until.ts';

export interface AskingLineOptions {
  readonly target: string;
  readonly identityFile?: string | undefined;
  readonly knownHostsFile?: string | undefined;
  readonly sshConfigFile?: string;
  readonly agentSocket?: string | undefined;
  readonly memory?: SignInMemory;
  readonly secrets?: SecretStore;
  /** Of the questions alone. */
  readonly clock?: Clock;
}

/** One line with a person in front of it, without the machine that would dial by itself. */
export class AskingLine {
  readonly signIn: SignIn;
  readonly questions: SignInQuestion[] = [];
  readonly secretsSeen: string[] = [];
  readonly #dialer: Dialer;
  readonly #links = new Set<Link>();
  readonly #abort = new AbortController();
  /** For the keys of servers that are met for the first time. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'gangway-line-'));

  constructor(options: AskingLineOptions) {
    const { target, identityFile, knownHostsFile, agentSocket, secrets, clock = realClock } = options;
    const { memory = new SignInMemory() } = options;
    this.signIn = new SignIn({
      memory,
      opener: { open: async (text, passphrase) => openPrivateKey(text, passphrase) },
      kept: secrets && new KeptAnswers({ secrets, name: 'gateway.g-1.sign-in', log: nullLogger }),
      clock,
      log: nullLogger,
      onChange: () => {
        const { question } = this.signIn;
        if (question) this.questions.push(question);
      },
      onSecret: (secret) => this.secretsSeen.push(secret),
    });
    const dialOptions: DialOptions = {
      target,
      remoteHost: '127.0.0.1',
      remotePort: 1,
      identityFile,
      knownHostsFile: knownHostsFile ?? join(this.#folder, 'known_hosts'),
      sshConfigFile: options.sshConfigFile,
      acceptNewHostKey: knownHostsFile === undefined,
    };
    const machine = { homeDir: '/nonexistent', userName: 'ann', agentSocket, platform: 'linux' } as const;
    const runner = options.sshConfigFile === undefined ? noPrograms : realRunner;
    const ports = { clock: realClock, files: realFiles, runner, log: nullLogger };
    this.#dialer = new Dialer(dialOptions, { ...ports, machine, answers: this.signIn });
  }

  get question(): SignInQuestion | undefined {
    return this.signIn.question;
  }

  /** What the server accepted, or the failure. */
  async dial(signal: AbortSignal = this.#abort.signal): Promise<string | undefined | ErrorInfo> {
    const request = { connectTimeoutMs: 5_000, pace: 'kernel' as const, afresh: true, onResolved: () => {} };
    try {
      const link = await this.#dialer.dial({ ...request, signal });
      this.#links.add(link);
      return link.description.signedInWith;
    } catch (error) {
      return toErrorInfo(error);
    }
  }

  /** What is wrong behind the sign-in, on the line that was dialled last. */
  async probe(): Promise<ErrorInfo | undefined> {
    const { problem } = (await [...this.#links].at(-1)?.probe(5_000)) ?? {};
    return problem?.info;
  }

  /** Resolves when a question of the kind is open. */
  asks<K extends SignInQuestion['kind']>(kind: K): Promise<Extract<SignInQuestion, { kind: K }>> {
    return until(`a question for ${kind}`, () => {
      const { question } = this;
      return question?.kind === kind ? (question as Extract<SignInQuestion, { kind: K }>) : undefined;
    });
  }

  /** Answers the open question. */
  answer(...answers: readonly string[]): Promise<AnswerEffect> {
    return this.signIn.answer({ questionId: this.question?.id ?? '', answers, remember: false });
  }

  remember(answer: string): Promise<AnswerEffect> {
    return this.signIn.answer({ questionId: this.question?.id ?? '', answers: [answer], remember: true });
  }

  /** Closes what was dialled. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.signIn.withdraw();
    for (const link of this.#links) await link.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
