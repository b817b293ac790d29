/** A command of the real command line whose exit code differs, and why. `docs/cli-compatibility.md` says it to people. */
export interface ExitDifference {
  readonly ours: number;
  readonly real: number;
  readonly why: string;
}

const CONCIERGE = 'without a model, our concierge answers; the real agent has nothing to answer with';

/** By the words of the command. What is not here must end with the same exit code on both gateways. */
export const EXIT_DIFFERENCES: Readonly<Record<string, ExitDifference>> = {
  'agent --agent main -m /help': { ours: 0, real: 1, why: CONCIERGE },
  'agent --agent main -m /help --json': { ours: 0, real: 1, why: CONCIERGE },
  'browser status': { ours: 1, real: 0, why: 'the browser of a gateway comes with its nodes, which are paired first' },
};

const CODEX = 'describes model runtimes that this gateway does not have';
const OPENCLAW_FILE = 'about includes and migrations of openclaw.json, which gateway.json5 does not have';
const WINDOW = 'there only when something was left out';

/** Top-level properties of results that the real gateway gives and ours does not, and why. */
export const LACKING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  health: { modelRuntime: 'not in the published schema; status tells it' },
  status: {
    hostDesktop: 'a shared desktop is not part of this gateway',
    workerPools: 'it has no worker processes',
    shutdownBudget: 'it stops within five seconds, always',
  },
  'system.info': {
    eventLoop: 'not in the published schema; health tells it',
    processMemory: 'not in the published schema; status tells it',
    disks: 'not in the published schema; the disk of the state is told',
    defaultAgentUtilityModel: CODEX,
  },
  'config.get': {
    includedPaths: OPENCLAW_FILE,
    includeProvenance: OPENCLAW_FILE,
    agentRosterIncludeOwned: OPENCLAW_FILE,
    bindingsIncludeOwned: OPENCLAW_FILE,
    runtimeConfig: '`config` is what runs',
    warnings: 'in `issues`',
    legacyIssues: OPENCLAW_FILE,
    configRevisionHash: '`hash` names the content',
    appliedConfigHash: '`hash` names the content',
  },
  'channels.status': { statusIssues: 'not in the published schema' },
  'chat.history': { deltaCursor: 'a page is asked for by its offset' },
  'sessions.create': { resolved: CODEX },
  'sessions.patch': { resolved: CODEX },
  'sessions.reset': { resolved: CODEX },
  'logs.tail': { truncated: WINDOW, reset: WINDOW },
  'usage.cost': { cacheStatus: 'nothing is spent here, so nothing is cached' },
};
