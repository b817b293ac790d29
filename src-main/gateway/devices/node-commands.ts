import type { NodeRules } from '../../contract/gateway-host.ts';

/**
 * Commands of nodes that may be called unless the configuration says otherwise, as measured at the real gateway. What
 * reads or writes files of the node is not among them.
 */
const USUAL: ReadonlySet<string> = new Set([
  'browser.proxy',
  'browser.proxy.upload.v1',
  'desktop.stream',
  'fs.listDir',
  'mcp.tools.call.v1',
  'ollama.chat',
  'ollama.models',
  'system.execApprovals.get',
  'system.execApprovals.set',
  'system.notify',
  'system.run',
  'system.run.prepare',
  'system.which',
  'terminal.upload',
]);

/** What an operator without administration may call: it changes nothing and runs nothing of others' choosing. */
const HARMLESS: ReadonlySet<string> = new Set(['ollama.chat', 'ollama.models', 'system.notify', 'system.which']);

export function isAllowedCommand(command: string, { commands: { allow, deny } }: NodeRules): boolean {
  return !deny.includes(command) && (USUAL.has(command) || allow.includes(command));
}

export function scopeOfCommand(command: string): 'operator.write' | 'operator.admin' {
  return HARMLESS.has(command) ? 'operator.write' : 'operator.admin';
}

/** What it takes to approve a node with these commands; whoever may touch its system is for an administrator to say. */
export function scopesToApprove(commands: readonly string[]): readonly string[] {
  if (commands.length === 0) return ['operator.pairing'];
  const needsAdmin = commands.some(
    (command) => command.startsWith('system.') || scopeOfCommand(command) === 'operator.admin',
  );
  return ['operator.pairing', needsAdmin ? 'operator.admin' : 'operator.write'];
}
