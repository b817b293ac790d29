import type { NodeRules } from '../../contract/gateway-host.ts';
import type { Logger } from '../../platform/ports.ts';
import type { DeviceRecord, Surface } from './device-record.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { nodeFactsView } from './device-views.ts';
import { isAllowedCommand } from './node-commands.ts';

/** The line to a node, as far as this folder needs it. */
export interface NodeLine {
  readonly id: string;
  /** False from the moment either side has said good-bye: what is sent then reaches nobody. */
  readonly isOpen: boolean;
  /** An event outside of the numbered ones, as nodes expect theirs. */
  sendBare(event: string, payload: unknown): void;
  close(code: number, reason: string): void;
}

interface LiveNode {
  readonly line: NodeLine;
  readonly offered: Surface;
  readonly connectedAtMs: number;
  /** What it told about itself since, by kind. */
  readonly told: Map<string, unknown>;
}

export interface NodeRegistryDeps {
  readonly devices: DeviceRegistry;
  readonly rules: () => NodeRules;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** A line that nothing comes from any more. */
  readonly onGone: (connId: string) => void;
}

/** The nodes that are connected. A node is its device: one id, one line. */
export class NodeRegistry {
  readonly #deps: NodeRegistryDeps;
  readonly #live = new Map<string, LiveNode>();

  constructor(deps: NodeRegistryDeps) {
    this.#deps = deps;
  }

  /** The newer line of a node replaces the older, which is told why. */
  joined(nodeId: string, line: NodeLine, offered: Surface): void {
    const rules = this.#deps.rules();
    const commands = offered.commands.filter((command) => isAllowedCommand(command, rules));
    const older = this.#live.get(nodeId);
    this.#live.set(nodeId, { line, offered, connectedAtMs: this.#deps.nowMs(), told: new Map() });
    if (older !== undefined) {
      this.#deps.onGone(older.line.id);
      older.line.close(4000, 'replaced by a newer connection of this node');
    }
    this.#deps.devices.offered(nodeId, { caps: offered.caps, commands }).catch((error: unknown) => {
      this.#deps.log.error('what a node offers could not be kept', { nodeId, error });
    });
  }

  left(nodeId: string, connId: string): void {
    if (this.#live.get(nodeId)?.line.id === connId) this.#live.delete(nodeId);
    this.#deps.onGone(connId);
  }

  lineOf(nodeId: string): NodeLine | undefined {
    const line = this.#live.get(nodeId)?.line;
    return line?.isOpen === true ? line : undefined;
  }

  /** Keeps what a node tells of itself for as long as it is connected. */
  told(nodeId: string, kind: string, value: unknown): void {
    this.#live.get(nodeId)?.told.set(kind, value);
  }

  /** What may be called: approved by a person, offered now, and allowed by the configuration as it is now. */
  surfaceOf({ deviceId, node }: DeviceRecord): Surface {
    const offered = this.#live.get(deviceId)?.offered ?? node;
    if (node === undefined || offered === undefined) return { caps: [], commands: [] };
    const rules = this.#deps.rules();
    return {
      caps: node.caps.filter((cap) => offered.caps.includes(cap)),
      commands: node.commands
        .filter((command) => offered.commands.includes(command) && isAllowedCommand(command, rules))
        .toSorted(),
    };
  }

  /** Every node that was paired as one. */
  get all(): readonly DeviceRecord[] {
    return this.#deps.devices.all.filter(({ approval }) => approval?.roles.includes('node') === true);
  }

  find(nodeId: string): DeviceRecord | undefined {
    return this.all.find(({ deviceId }) => deviceId === nodeId);
  }

  view(record: DeviceRecord): object {
    const { deviceId, approval, node, lastSeenAtMs } = record;
    const live = this.#live.get(deviceId);
    return {
      nodeId: deviceId,
      ...nodeFactsView(record),
      ...this.surfaceOf(record),
      sessionHost: false,
      nodePluginTools: live?.told.get('tools') ?? [],
      hostStats: live?.told.get('stats'),
      approvalState: approvalState(record),
      connectedAtMs: live?.connectedAtMs,
      lastSeenAtMs: live?.connectedAtMs ?? lastSeenAtMs,
      approvedAtMs: node?.approvedAtMs ?? approval?.approvedAtMs,
      paired: true,
      connected: live !== undefined,
    };
  }
}

function approvalState({ node, nodeRequest }: DeviceRecord): string {
  if (node === undefined) return 'pending-approval';
  return nodeRequest === undefined ? 'approved' : 'pending-reapproval';
}
