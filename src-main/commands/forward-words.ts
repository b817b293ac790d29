import { InvalidArgumentError } from 'commander';

import type { Forward, ForwardState } from '../contract/tunnel.ts';
import { describeError } from '../contract/errors.ts';

const HERE_AND_THERE = /^(?:(\d{1,5}):)?(?:(\[[\da-fA-F:.%]+\]|(?!-)[\w.-]+):)?(\d{1,5})$/;

/**
 * Reads `LOCAL:HOST:PORT` as `ssh -L` has it; `LOCAL:PORT` for the SSH server itself, `PORT` for the same port here.
 * @throws InvalidArgumentError when it is no forward
 */
export function parseForward(text: string): Forward {
  const [, local, host = '127.0.0.1', remote] = HERE_AND_THERE.exec(text) ?? [];
  const remotePort = Number(remote);
  const localPort = local === undefined ? remotePort : Number(local);
  if (remote === undefined || !isPort(remotePort) || localPort > 65_535) {
    throw new InvalidArgumentError('Give LOCAL:HOST:PORT, such as 8080:127.0.0.1:80.');
  }
  return { localPort, remoteHost: host.replaceAll(/[[\]]/g, ''), remotePort };
}

/** For an option that may be given several times. */
export function collectForward(text: string, before: readonly Forward[]): readonly Forward[] {
  const forward = parseForward(text);
  if (forward.localPort !== 0 && before.some(({ localPort }) => localPort === forward.localPort)) {
    throw new InvalidArgumentError(`Port ${forward.localPort} is given twice.`);
  }
  return [...before, forward];
}

export function forwardText(forward: ForwardState): string {
  const { localPort, remoteHost, remotePort } = forward;
  const host = remoteHost.includes(':') ? `[${remoteHost}]` : remoteHost;
  const way = `127.0.0.1:${localPort} to ${host}:${remotePort}`;
  if (forward.status === 'failed') return `${way}: ${describeError(forward.cause).title}`;
  return forward.status === 'ready' ? way : `${way}: waits for the line`;
}

function isPort(value: number): boolean {
  return value >= 1 && value <= 65_535;
}
