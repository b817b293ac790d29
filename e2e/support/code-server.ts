import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import ssh2, { type AuthContext, type Connection } from 'ssh2';

const run = promisify(execFile);

/**
 * An SSH server that lets in whoever types the code of the moment, and forwards to loopback. It is ssh2's own, because
 * no PAM module for one-time codes is at hand for a real sshd.
 */
export class CodeServer implements AsyncDisposable {
  /** What is right for the next sign-in. */
  code = '';
  /** What clients typed, oldest first. */
  readonly typed: string[] = [];
  readonly knownHostsFile: string;
  readonly #folder: string;
  readonly #server: ssh2.Server;
  readonly #connections = new Set<Connection>();

  private constructor(folder: string, hostKey: Buffer) {
    this.#folder = folder;
    this.knownHostsFile = join(folder, 'known_hosts');
    this.#server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => this.#serve(client));
  }

  static async start(): Promise<CodeServer> {
    const folder = await mkdtemp(join(tmpdir(), 'gw-code-'));
    const key = join(folder, 'host_key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const server = new CodeServer(folder, await readFile(key));
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    const [type, blob] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
    await writeFile(server.knownHostsFile, `[127.0.0.1]:${server.#port} ${type} ${blob}\n`);
    return server;
  }

  get target(): string {
    return `ada@127.0.0.1:${this.#port}`;
  }

  /** Cuts off whoever is connected, as a restart does. */
  hangUp(): void {
    for (const connection of this.#connections) connection.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(client: Connection): void {
    this.#connections.add(client);
    client.on('error', () => undefined);
    client.once('close', () => this.#connections.delete(client));
    client.on('authentication', (context) => this.#authenticate(context));
    client.on('request', (_accept, reject) => reject?.());
    client.on('tcpip', (accept, reject, { destPort }) => {
      const socket = connect(destPort, '127.0.0.1');
      socket.once('error', () => reject());
      socket.once('connect', () => {
        const channel = accept();
        channel
          .on('error', () => undefined)
          .pipe(socket)
          .on('error', () => channel.destroy())
          .pipe(channel);
      });
    });
  }

  #authenticate(context: AuthContext): void {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    context.prompt([{ prompt: 'Verification code: ', echo: false }], '', 'Look at your phone.', ([answer = '']) => {
      this.typed.push(answer);
      if (answer === this.code) context.accept();
      else context.reject(['keyboard-interactive']);
    });
  }
}
