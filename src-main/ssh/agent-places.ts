import type { Machine } from './resolve-host.ts';

/** What OpenSSH for Windows listens on. */
export const WINDOWS_AGENT = String.raw`\\.\pipe\openssh-ssh-agent`;

const PIPES = '\\\\.\\pipe\\';

export interface AgentPlacesDeps {
  readonly machine: Pick<Machine, 'agentSocket' | 'platform' | 'userName'>;
  /** Names of the named pipes of this computer; absent where there are none. */
  readonly listPipes?: (() => Promise<readonly string[]>) | undefined;
}

/**
 * Where to look for an agent, in this order: `SSH_AUTH_SOCK`, the agent of OpenSSH for Windows, Pageant. An agent that
 * the SSH configuration names is the only one. `wished` is what the configuration came to.
 */
export async function agentPlaces(wished: string | undefined, deps: AgentPlacesDeps): Promise<readonly string[]> {
  const { machine, listPipes } = deps;
  if (wished === undefined) return [];
  const isUsual = wished === machine.agentSocket || wished === WINDOWS_AGENT;
  if (machine.platform !== 'win32' || !isUsual) return [wished];
  const pipes = (await listPipes?.().catch(() => [])) ?? [];
  return [...new Set([wished, WINDOWS_AGENT, ...pageantPipes(pipes, machine.userName)])];
}

/**
 * Pageant listens on `pageant.USER.SUFFIX` since PuTTY 0.75. The suffix comes from a system call that Node does not
 * have, so the pipe is looked for by the rest of its name.
 * @see `agent_named_pipe_name` of PuTTY
 */
function pageantPipes(pipes: readonly string[], userName: string): readonly string[] {
  const beginning = `pageant.${userName}.`.toLowerCase();
  return pipes
    .filter((pipe) => pipe.toLowerCase().startsWith(beginning) && /^[\da-f]{64}$/i.test(pipe.slice(beginning.length)))
    .map((pipe) => `${PIPES}${pipe}`);
}
