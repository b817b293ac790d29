import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

import { until } from './until.ts';

export interface RealAgent {
  readonly socket: string;
  /** Key files without a passphrase. */
  add(...keys: readonly string[]): void;
  empty(): void;
  /** Resolves when the program has ended. */
  stop(): Promise<void>;
}

/** The `ssh-agent` of this computer, at a socket of its own. */
export async function startAgent(socket: string, keys: readonly string[] = []): Promise<RealAgent> {
  const program = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const exited = once(program, 'exit');
  await until('the agent', () => existsSync(socket));
  const sshAdd = (...words: readonly string[]) =>
    void execFileSync('ssh-add', ['-q', ...words], { env: { SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  if (keys.length > 0) sshAdd(...keys);
  return {
    socket,
    add: sshAdd,
    empty: () => sshAdd('-D'),
    stop: async () => {
      program.kill();
      await exited;
    },
  };
}
