import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startCli, type RunningCli } from './cli.ts';
import { freePort } from './free-port.ts';
import { createHome } from './home.ts';
import type { PrivateSshd } from './private-sshd.ts';
import { waitFor } from './wait-for.ts';

/** Our own gateway on the loopback of “the other computer”: its own home, its own token. */
export class Desk implements AsyncDisposable {
  readonly home: string;
  readonly #gateway: RunningCli;
  readonly #remove: () => Promise<void>;
  readonly port: number;
  /** File with the token that this gateway made at its first start. */
  readonly tokenFile: string;

  private constructor(home: string, parts: { gateway: RunningCli; port: number; remove: () => Promise<void> }) {
    this.home = home;
    this.#gateway = parts.gateway;
    this.port = parts.port;
    this.#remove = parts.remove;
    this.tokenFile = join(home, 'secrets', 'gateway.local.token');
  }

  /** @param config text of its configuration; without one it has none */
  static async start(config?: string): Promise<Desk> {
    const home = await createHome();
    if (config !== undefined) await writeFile(join(home.path, 'gateway.json5'), config);
    const gateway = startCli(['gateway', '--port', '0', '--json'], { home: home.path });
    const { port } = await gateway
      .waitForJson((line) => line['status'] === 'listening')
      .catch(async (error: unknown) => {
        await gateway.stop();
        await home.remove();
        throw error;
      });
    return new Desk(home.path, { gateway, port: Number(port), remove: () => home.remove() });
  }

  async token(): Promise<string> {
    return (await readFile(this.tokenFile, 'utf8')).trim();
  }

  /** Writes the port into its configuration, as for a gateway that always has the same one. */
  async rememberPort(more = ''): Promise<void> {
    await writeFile(join(this.home, 'gateway.json5'), `{ gateway: { port: ${this.port}, ${more} } }\n`);
  }

  get pid(): number {
    return this.#gateway.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway.stop();
    await this.#remove();
  }
}

/** Writes the settings of a fresh laptop: its own gateway on a free port, so that tests can run side by side. */
export async function prepareLaptop(home: string, use: string | null = 'local'): Promise<number> {
  const port = await freePort();
  await writeFile(join(home, 'settings.json'), JSON.stringify({ version: 1, use, local: { port } }), { mode: 0o600 });
  return port;
}

/** The words of `gangway gateways add` for a gateway behind the private sshd. */
export function addArguments(name: string, sshd: PrivateSshd, ports: { remote: number; local: number }): string[] {
  return [
    'gateways',
    'add',
    name,
    '--ssh',
    sshd.target,
    '--remote-port',
    String(ports.remote),
    '--local-port',
    String(ports.local),
    '--identity',
    sshd.identityFile,
    '--known-hosts',
    sshd.knownHostsFile,
  ];
}

/** Resolves when the HTTP health of a gateway answers on loopback. */
export async function waitForHealth(port: number): Promise<void> {
  await waitFor(
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      return response?.ok === true ? true : undefined;
    },
    { what: `health on port ${port}` },
  );
}
