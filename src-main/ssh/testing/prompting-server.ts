import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import ssh2, { type AuthContext, type AuthenticationType, type Connection, type Prompt } from 'ssh2';

import { toOpensshKey } from '../openssh-key-file.ts';

/** One round of questions, and what is right. */
export interface Round {
  readonly title?: string;
  readonly instruction?: string;
  readonly prompts: readonly Prompt[];
  readonly accepts: (answers: readonly string[]) => boolean;
}

export interface PromptingServerOptions {
  /** The rounds of one conversation; looked at when it begins. */
  readonly rounds: () => readonly Round[];
  /** What a client may go on with after a failure. */
  readonly offers?: readonly AuthenticationType[];
  /** What the conversation leaves to be done. */
  readonly then?: readonly AuthenticationType[];
  readonly password?: string;
  /** Whoever gives the password is asked for a new one (RFC 4252 §8), which OpenSSH never does. */
  readonly isExpired?: boolean;
}

/**
 * An SSH server of another make than OpenSSH that asks whatever a test wants: what PAM modules for one-time codes
 * would ask, without one on this machine. It keeps a record of what clients tried.
 */
export class PromptingServer {
  readonly attempts: string[] = [];
  readonly #options: PromptingServerOptions;
  readonly #server: ssh2.Server;
  readonly #connections = new Set<Connection>();

  constructor(options: PromptingServerOptions) {
    this.#options = options;
    const hostKey = toOpensshKey(generateKeyPairSync('ed25519').privateKey) ?? '';
    this.#server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      this.#connections.add(client);
      client.on('error', () => {});
      client.once('close', () => this.#connections.delete(client));
      client.on('authentication', (context) => this.#authenticate(context));
    });
  }

  static async start(options: PromptingServerOptions): Promise<PromptingServer> {
    const server = new PromptingServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get target(): string {
    return `ann@127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Cuts off whoever is connected. */
  hangUp(): void {
    for (const connection of this.#connections) connection.end();
  }

  async stop(): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #authenticate(context: AuthContext): void {
    const { offers = ['keyboard-interactive'], password, isExpired } = this.#options;
    this.attempts.push(context.method);
    if (context.method === 'keyboard-interactive') return this.#converse(context, this.#options.rounds());
    if (context.method === 'password' && context.password === password) {
      if (isExpired === true) return context.requestChange('Choose a new password', () => context.reject());
      return context.accept();
    }
    context.reject([...offers]);
  }

  #converse(context: ssh2.KeyboardAuthContext, [round, ...rest]: readonly Round[]): void {
    const { offers = ['keyboard-interactive'], then } = this.#options;
    if (round === undefined) {
      if (then) context.reject([...then], true);
      else context.accept();
      return;
    }
    const { title = '', instruction = '', prompts, accepts } = round;
    context.prompt([...prompts], title, instruction, (answers) => {
      this.attempts.push(`answered ${answers.join(', ')}`);
      if (accepts(answers)) this.#converse(context, rest);
      else context.reject([...offers]);
    });
  }
}
