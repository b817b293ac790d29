import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { testEnvironment } from '../e2e/support/environment.ts';
import { REPOSITORY } from '../e2e/launch.ts';
import { SERVER_ADDRESS } from './faulty-network.ts';

export const RECOVERY_LANES = ['ours', 'ssh', 'autossh'] as const;
export type RecoveryLane = (typeof RECOVERY_LANES)[number];

export interface RecoveryRoute {
  readonly folder: string;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly localPort: number;
  readonly remotePort: number;
}

export interface LaneCommand {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const AUTOSSH = '/usr/bin/autossh';

/** `undefined` where the lane can run; else why it is left out. */
export function whyNoLane(lane: RecoveryLane): string | undefined {
  if (lane !== 'autossh' || existsSync(AUTOSSH)) return undefined;
  return 'autossh is left out: it is not installed (Debian: apt-get install autossh).';
}

export function laneCommand(lane: RecoveryLane, route: RecoveryRoute): LaneCommand {
  const env = testEnvironment(route.folder);
  switch (lane) {
    case 'ours':
      return { command: ours(route), env };
    case 'ssh':
      return { command: ['ssh', ...sshArguments(route)], env };
    case 'autossh':
      // As its users tune it: no monitoring ports, no gate time, and a keep-alive of `ssh` itself.
      return {
        command: [AUTOSSH, '-M', '0', ...settings(TUNED), ...sshArguments(route)],
        env: { ...env, AUTOSSH_GATETIME: '0' },
      };
  }
}

const TUNED = ['ServerAliveInterval=5', 'ServerAliveCountMax=2', 'ConnectTimeout=5', 'ExitOnForwardFailure=yes'];

function ours({ user, identityFile, knownHostsFile, localPort, remotePort }: RecoveryRoute): string[] {
  const ports = ['--local-port', `${localPort}`, '--remote-port', `${remotePort}`];
  const keys = ['--identity', identityFile, '--known-hosts', knownHostsFile];
  const script = join(REPOSITORY, 'out/main/cli.js');
  return [process.execPath, script, 'tunnel', `${user}@${SERVER_ADDRESS}`, ...ports, ...keys, '--json'];
}

function sshArguments({ user, identityFile, knownHostsFile, localPort, remotePort }: RecoveryRoute): string[] {
  const quiet = settings([
    `UserKnownHostsFile=${knownHostsFile}`,
    'GlobalKnownHostsFile=none',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
  ]);
  const forward = `127.0.0.1:${localPort}:127.0.0.1:${remotePort}`;
  return ['-F', 'none', '-i', identityFile, ...quiet, '-N', '-L', forward, `${user}@${SERVER_ADDRESS}`];
}

function settings(all: readonly string[]): string[] {
  return all.flatMap((one) => ['-o', one]);
}
