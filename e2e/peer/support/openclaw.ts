import { spawn } from 'node:child_process';

import { endWithUs } from './end-with-us.ts';
import { createPrivateHome, OPENCLAW, type OpenclawConfig, type PrivateHome } from './private-home.ts';

/**
 * How the real command line is told which gateway to ask:
 * - `env`: what `gangway env` prints, on a machine with an OpenClaw that has no configuration to speak of
 * - `env-bare`: the same on a machine without any configuration file
 * - `env-over-local`, `env-over-remote`: the same where the configuration names other gateways, with other tokens
 * - `local`, `remote`: by the configuration alone, as the gateway of this machine or as one elsewhere
 * - `flags`: `--url` and `--token`, which only some commands know
 */
export type Told = 'env' | 'env-bare' | 'env-over-local' | 'env-over-remote' | 'local' | 'remote' | 'flags';

export interface Gateway {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly token: string;
  /** SHA-256 of its certificate, for `remote`. */
  readonly tlsFingerprint?: string;
}

export interface CliResult {
  /** undefined when it was killed for taking too long */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages of failed expectations. */
  readonly text: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
/** Nothing listens at the gateways that a configuration names to be overruled. */
const NOBODY = { port: 9, token: 'token-of-another-gateway' };

/** The real OpenClaw command line, in a home of its own. The owner calls `close`. */
export class Openclaw {
  readonly #home: PrivateHome;
  readonly #env: Readonly<Record<string, string>>;
  readonly #flags: readonly string[];

  constructor(told: Told, gateway: Gateway) {
    this.#home = createPrivateHome();
    const config = configFor(told, gateway);
    if (config !== undefined) this.#home.writeConfig(config);
    this.#env = { ...this.#home.env, ...(told.startsWith('env') && gangwayEnv(gateway)) };
    this.#flags = told === 'flags' ? ['--url', gateway.url, '--token', gateway.token] : [];
  }

  /** Runs `openclaw WORDS` to its end and keeps all it says. */
  run(words: readonly string[], { env = {}, timeoutMs = TIMEOUT_MS }: RunOptions = {}): Promise<CliResult> {
    const startedAtMs = performance.now();
    const child = spawn(process.execPath, [OPENCLAW, ...words, ...this.#flags], {
      cwd: this.#home.dir,
      env: { ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(deadline);
        const text = `openclaw ${words.join(' ')} → ${code}\n${stdout}\n${stderr}`;
        resolve({ code: code ?? undefined, stdout, stderr, text, ms: performance.now() - startedAtMs });
      });
    });
  }

  close(): void {
    this.#home.remove();
  }
}

/** The exports of `gangway env`. Some commands look at the address, others at the port alone. */
export function gangwayEnv({ url, token }: Gateway): Record<string, string> {
  return {
    OPENCLAW_GATEWAY_URL: url,
    OPENCLAW_GATEWAY_PORT: new URL(url).port,
    OPENCLAW_GATEWAY_TOKEN: token,
  };
}

function configFor(told: Told, { url, token, tlsFingerprint }: Gateway): OpenclawConfig | undefined {
  switch (told) {
    case 'env-bare':
      return undefined;
    case 'env':
    case 'flags':
      return {};
    case 'local':
      return { gateway: localGateway(Number(new URL(url).port), token) };
    case 'env-over-local':
      return { gateway: localGateway(NOBODY.port, NOBODY.token) };
    case 'remote':
      return {
        gateway: { mode: 'remote', remote: { url, token, ...(tlsFingerprint !== undefined && { tlsFingerprint }) } },
      };
    case 'env-over-remote':
      return { gateway: { mode: 'remote', remote: { url: `ws://127.0.0.1:${NOBODY.port}`, token: NOBODY.token } } };
  }
}

function localGateway(port: number, token: string): Readonly<Record<string, unknown>> {
  return { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token } };
}
