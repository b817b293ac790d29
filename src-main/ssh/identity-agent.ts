import { WINDOWS_AGENT } from './agent-places.ts';
import { expandPath, type TokenValues } from './percent-tokens.ts';
import type { SshConfig } from './ssh-config.ts';

/**
 * The socket or pipe of the agent that `IdentityAgent` names.
 * @param usual `SSH_AUTH_SOCK`
 */
export function identityAgent(config: SshConfig, values: TokenValues, usual: string | undefined): string | undefined {
  const wished = config.first('identityagent');
  if (wished === 'none') return undefined;
  // `$NAME` is no token: only as the whole value does it stand for a path.
  if (wished !== undefined && /^\$[^{]/.test(wished)) return values.env[wished.slice(1)];
  if (wished !== undefined && wished !== 'SSH_AUTH_SOCK') return pipeOf(wished) ?? expandPath(wished, values);
  return usual ?? (values.platform === 'win32' ? WINDOWS_AGENT : undefined);
}

/** A pipe of Windows is no path. Its first two backslashes are one where the file has not doubled them. */
function pipeOf(agent: string): string | undefined {
  const [, name] = /^\\{1,2}\.\\(pipe\\.*)$/i.exec(agent) ?? [];
  if (name !== undefined) return `\\\\.\\${name}`;
  return agent.startsWith('\\\\') ? agent : undefined;
}
