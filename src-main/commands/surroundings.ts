import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { createLogger } from '../logging/logger.ts';
import { createJsonLineSink } from '../logging/json-line-sink.ts';
import { createRedactor } from '../logging/redact.ts';
import { createRotatingFile } from '../logging/rotating-file.ts';
import { gangwayHome, homePaths } from '../platform/home.ts';
import { readNetworkAddresses } from '../platform/network-addresses.ts';
import { nodeClock } from '../platform/node-clock.ts';
import { createNodeFiles } from '../platform/node-files.ts';
import { createCompanionStarter } from '../platform/node-companion.ts';
import { createForkStarter } from '../platform/node-host-process.ts';
import { createNodeProgramRunner } from '../platform/node-program-runner.ts';
import { createFileSecretStore } from '../secrets/file-secret-store.ts';
import { createKeyOpener } from '../ssh/key-opener.ts';
import type { Surroundings } from '../supervisor/compose.ts';

const LOG_BYTES = 5 * 1024 * 1024;
const KEPT_LOGS = 5;

export interface NodeSurroundings extends Surroundings {
  /** Writes out what is left of the log. */
  readonly close: () => Promise<void>;
}

/**
 * The adapters of plain Node for one home folder. Built by `cli.ts` and `index.ts` from the place of their bundle.
 * `distRoot` is the folder `out/`; the log goes to `logs/NAME.log` of the home.
 */
export function nodeSurroundings(options: {
  readonly distRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly profile: string | undefined;
  readonly log: 'app' | 'gateway' | 'tunnel';
}): NodeSurroundings {
  const { distRoot, env, profile } = options;
  const files = createNodeFiles();
  const paths = homePaths(gangwayHome(env, homedir(), profile), process.platform);
  const redactor = createRedactor();
  const logFile = openLog(paths.logs, options.log);
  const gatewayLog = options.log === 'app' ? openLog(paths.logs, 'gateway') : undefined;
  return {
    paths,
    env,
    machine: {
      homeDir: homedir(),
      userName: userInfo().username,
      agentSocket: env['SSH_AUTH_SOCK'],
      platform: process.platform,
      computer: hostname(),
      userId: process.getuid?.(),
      env,
    },
    version: readVersion(distRoot),
    controlUiRoot: join(distRoot, 'renderer'),
    starter: createForkStarter({ entries: { 'gateway-host': join(distRoot, 'main', 'gateway-host.js') }, env }),
    keyOpener: createKeyOpener(join(distRoot, 'main', 'key-worker.js'), nodeClock),
    secrets: createFileSecretStore(paths.secrets, files),
    redactor,
    clock: nodeClock,
    files,
    runner: createNodeProgramRunner(),
    companions: createCompanionStarter({ env, platform: process.platform }),
    log: createLogger(createJsonLineSink(logFile, { redact: redactor.redact }), options.log),
    gatewayLog: (line) => gatewayLog?.write(`${line}\n`),
    random: Math.random,
    readAddresses: readNetworkAddresses,
    copy: undefined,
    listPipes: process.platform === 'win32' ? () => readdir('\\\\.\\pipe\\') : undefined,
    close: async () => {
      await logFile.close();
      await gatewayLog?.close();
    },
  };
}

function openLog(folder: string, name: string) {
  return createRotatingFile(join(folder, `${name}.log`), { maxBytes: LOG_BYTES, keep: KEPT_LOGS });
}

function readVersion(distRoot: string): string {
  const manifest = JSON.parse(readFileSync(join(distRoot, '..', 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
