import { isIP } from 'node:net';

import { InvalidArgumentError, Option } from 'commander';

import { toTlsFingerprint } from '../contract/tls-fingerprint.ts';

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

/** @throws InvalidArgumentError when it is no address. */
export function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('Give an IP address of this computer, not a name.');
  return text;
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

/** @throws InvalidArgumentError when it is no fingerprint. */
export function tlsFingerprint(text: string): string {
  const fingerprint = toTlsFingerprint(text);
  if (fingerprint === undefined) throw new InvalidArgumentError('Give the SHA-256 fingerprint, such as AB:CD:….');
  return fingerprint;
}

/** The network is the person's own: what crosses it unencrypted is read by nobody else. */
export const trustedNetwork = (): Option =>
  new Option('--trusted-private-network', 'allow ws:// to private and tailnet addresses; never to public ones');

/** For connections to a gateway whose certificate nobody else vouches for. */
export const tlsPin = (): Option =>
  new Option('--tls-fingerprint <AB:CD:…>', 'the one certificate it may show, by its SHA-256').argParser(
    tlsFingerprint,
  );

/** For commands that wait for a line to come up. */
export const wait = (): Option =>
  new Option('--wait <seconds>', 'how long to wait until it is up').argParser(milliseconds).default(30_000, '30');
