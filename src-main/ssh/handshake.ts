import ssh2, { type AnyAuthMethod, type AuthenticationType, type Client } from 'ssh2';

import { fail, type AppError } from '../contract/errors.ts';
import type { Clock } from '../platform/ports.ts';
import { preferKnownTypes, type SshAlgorithms } from './algorithms.ts';
import { nobody, type Answers } from './answers.ts';
import { Authentication, type Accepted } from './authentication.ts';
import type { Credentials } from './credentials.ts';
import { passwordExpired } from './expired-password.ts';
import { parseHostKey, type HostKey } from './host-key.ts';
import { acknowledgePromptly } from './prompt-acks.ts';
import { quickenCiphers } from './quick-ciphers.ts';
import { readInPlace } from './read-in-place.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { isPassingAuthError, toSshFailure, unreachable, type FailureSite } from './ssh-failure.ts';
import type { Wire } from './wire.ts';

export interface HandshakeOptions {
  readonly host: ResolvedHost;
  readonly algorithms: SshAlgorithms;
  /** Types that known_hosts has for this host; they are asked for first. */
  readonly knownTypes: readonly string[];
  /** Decides about the key the server shows. An error refuses it; nothing was sent to the server then. */
  readonly judgeHostKey: (key: HostKey) => AppError | undefined;
  /** Called once the server has proven that it holds the key. */
  readonly onHostKeyProven: (key: HostKey) => void;
  /** `undefined`: the host key is all that is wanted, so nobody signs in. */
  readonly credentials: Credentials | undefined;
  /** Where everything else that signing in needs comes from. Absent: nobody is there to be asked. */
  readonly answers?: Answers | undefined;
  readonly clock: Clock;
}

export interface SignedIn {
  readonly client: Client;
  /** In its order; nothing when the server asked for nothing. */
  readonly accepted: readonly Accepted[];
}

const HANDSHAKE_TIMEOUT_MS = 20_000;
/** An agent may ask a person to confirm each signature. Stands still while we ask a person ourselves. */
const SIGN_IN_TIMEOUT_MS = 60_000;
const GREETING_LENGTH = 1_024;

/**
 * Host key check and sign-in on a connected socket, which is destroyed when it fails.
 * @throws AppError `ssh/host-key-*`, `ssh/handshake-failed`, `ssh/host-unreachable`, `ssh/auth-rejected`,
 * `ssh/no-credentials`, `ssh/answer-needed`, `ssh/agent-silent`, `ssh/password-expired`, or the reason of `signal`
 */
export async function shakeHands(socket: Wire, options: HandshakeOptions, signal: AbortSignal): Promise<SignedIn> {
  signal.throwIfAborted();
  return new Handshake(socket, options).run(signal);
}

class Handshake {
  readonly #socket: Wire;
  readonly #options: HandshakeOptions;
  readonly #client = new ssh2.Client();
  readonly #authentication: Authentication | undefined;
  readonly #over = new AbortController();
  #hostKey: HostKey | undefined;
  /** Why it ends, when that is known before ssh2 says that it did. */
  #refusal: unknown;
  #greeting = '';
  #stopTimer: () => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(socket: Wire, options: HandshakeOptions) {
    this.#socket = socket;
    this.#options = options;
    const { host, credentials, answers = nobody } = options;
    this.#authentication =
      credentials &&
      new Authentication({
        host,
        credentials,
        answers,
        signal: this.#over.signal,
        onAsking: (ifItEnds) => this.#waitForPerson(ifItEnds),
        onGiveUp: (reason) => this.#reject(reason),
      });
  }

  run(signal: AbortSignal): Promise<SignedIn> {
    const settled = new Promise<SignedIn>((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      this.#reject = reject;
      this.#arm(HANDSHAKE_TIMEOUT_MS);
      this.#listen(resolve, reject);
      try {
        this.#connect();
      } catch (error) {
        reject(toSshFailure(error, this.#site));
      }
    });
    return settled.then(
      (signedIn) => this.#settle(signedIn),
      (error: unknown) => {
        this.#over.abort();
        this.#stopTimer();
        this.#client.destroy();
        this.#socket.destroy();
        throw error;
      },
    );
  }

  #settle(signedIn: SignedIn): SignedIn {
    this.#stopTimer();
    return signedIn;
  }

  #listen(resolve: (signedIn: SignedIn) => void, reject: (error: unknown) => void): void {
    const client = this.#client;
    const finish = () => resolve({ client, accepted: this.#authentication?.accepted ?? [] });
    // Stays for the life of the client: ssh2 reports errors late, and an unhandled one ends the process.
    client.on('error', (error) => {
      if (!isPassingAuthError(error)) reject(this.#refusal ?? toSshFailure(error, this.#site));
    });
    // Each key exchange brings new ciphers.
    client.on('handshake', () => readInPlace(this.#socket, quickenCiphers(client).keepsNothing));
    client.once('handshake', () => {
      if (this.#hostKey) this.#options.onHostKeyProven(this.#hostKey);
      if (!this.#authentication) return finish();
      this.#arm(SIGN_IN_TIMEOUT_MS);
    });
    client.once('ready', () => {
      acknowledgePromptly(client, this.#socket);
      finish();
    });
    // RFC 4252 §8. Left unanswered the server would wait for ever; a new password is chosen on a terminal, not here.
    client.once('change password', () => reject(this.#passwordExpired()));
    client.once('close', () => reject(this.#refusal ?? unreachable('reset', this.#site)));
    this.#readGreeting();
  }

  #connect(): void {
    const { host, algorithms, knownTypes } = this.#options;
    this.#client.connect({
      sock: this.#socket,
      username: host.user,
      // Our own timer tells the handshake and a person's confirmation apart.
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: {
        kex: [...algorithms.kex],
        cipher: [...algorithms.cipher],
        hmac: [...algorithms.hmac],
        serverHostKey: [...preferKnownTypes(algorithms.serverHostKey, knownTypes)],
      },
      hostVerifier: (blob: Buffer) => this.#accepts(blob),
      authHandler: (left, partial, next) => void this.#offer({ left, partial }, next),
    });
  }

  // Runs again at every key exchange: the key may not be swapped later on.
  #accepts(blob: Buffer): boolean {
    if (this.#hostKey) return this.#hostKey.blob.equals(blob);
    const key = parseHostKey(blob);
    this.#refusal = key ? this.#options.judgeHostKey(key) : this.#failed('it shows a malformed host key');
    this.#hostKey = key;
    return this.#refusal === undefined;
  }

  async #offer(
    after: { readonly left: readonly AuthenticationType[] | null; readonly partial: boolean },
    show: (method: AnyAuthMethod) => void,
  ): Promise<void> {
    // Without one the host key was all that was wanted, and the caller closes the connection.
    const method = await this.#authentication?.next(after.left, after.partial);
    if (method) show(method);
  }

  #waitForPerson(ifItEnds: AppError | undefined): void {
    this.#refusal = ifItEnds;
    if (ifItEnds) this.#stopTimer();
    else this.#arm(SIGN_IN_TIMEOUT_MS);
  }

  #passwordExpired(): AppError {
    const { name, port, user } = this.#options.host;
    return passwordExpired({ host: name, port, user });
  }

  #failed(problem: string): AppError {
    return fail('ssh/handshake-failed', { host: this.#options.host.name, problem });
  }

  get #site(): FailureSite {
    const { name, host, port, user } = this.#options.host;
    const tried = this.#authentication?.tried ?? [];
    const untried = this.#authentication?.untried ?? 0;
    const isKnown = this.#options.knownTypes.length > 0;
    return { name, host, port, user, tried, untried, isKnown, greeting: this.#greeting };
  }

  #arm(timeoutMs: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(timeoutMs, () => this.#reject(this.#timedOut()));
  }

  #timedOut(): AppError {
    const key = this.#authentication?.unsigned;
    // Asked again by itself, an agent would show its window every minute while nobody is there.
    if (key !== undefined) return fail('ssh/agent-silent', { host: this.#options.host.name, key });
    return unreachable('timeout', this.#site);
  }

  // ssh2 keeps what comes before the banner to itself unless a banner follows.
  #readGreeting(): void {
    const read = (chunk: Buffer) => {
      this.#greeting += chunk.toString('latin1', 0, GREETING_LENGTH);
      if (/^SSH-/m.test(this.#greeting) || this.#greeting.length >= GREETING_LENGTH) this.#socket.off('data', read);
    };
    this.#socket.pause();
    this.#socket.on('data', read);
  }
}
