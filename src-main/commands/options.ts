import { InvalidArgumentError, Option } from 'commander';

/** What makes the SSH connection. */
export const engine = (): Option =>
  new Option('--engine <engine>', "system-ssh: the ssh of this computer, for what Gangway's own engine cannot do")
    .choices(['built-in', 'system-ssh'])
    .default('built-in');

/** For programs that read along. */
export const json = (): Option => new Option('--json', 'answer in JSON, one value per line');

/** @throws InvalidArgumentError when it is no port. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

function milliseconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 3_600)
    throw new InvalidArgumentError('Give seconds, up to 3600.');
  return seconds * 1_000;
}

/** @throws InvalidArgumentError when it is no number of lines. */
export function lineCount(text: string): number {
  const value = Number(text);
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Give a number of lines.');
  return value;
}

/** For commands that wait for a line to come up. */
export const wait = (): Option =>
  new Option('--wait <seconds>', 'how long to wait until it is up').argParser(milliseconds).default(30_000, '30');
