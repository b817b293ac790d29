import { isIPv6 } from 'node:net';

import { fail } from '../contract/errors.ts';

/** What a person wrote: `user@host[:port]`, `[v6]:port` or an alias of ssh_config. */
export interface SshTarget {
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
}

// Control, format (bidirectional overrides) and unassigned characters, and every kind of space.
const INVISIBLE = /[\p{C}\s]/u;
// `ssh` refuses these too: `Match exec` and `ProxyCommand` may paste the name into a shell.
const SHELL_IN_HOST = /['"`$\\;&<>|(){}]/;
// A Windows domain puts a backslash into a user name.
const SHELL_IN_USER = /['"`$;&<>|(){}]/;
const MAX_SHOWN_LENGTH = 200;

/** @throws AppError `ssh/target-invalid` */
export function parseTarget(text: string): SshTarget {
  const refuse = (problem: string) => fail('ssh/target-invalid', { target: printable(text), problem });
  if (text === '') throw refuse('it is empty');
  if (INVISIBLE.test(text)) throw refuse('it contains a space or a control character');
  const at = text.lastIndexOf('@');
  const user = at === -1 ? undefined : text.slice(0, at);
  const { host, port } = splitPort(text.slice(at + 1));
  const problem = userProblem(user) ?? hostProblem(host) ?? portProblem(port);
  if (problem !== undefined) throw refuse(problem);
  return { host, port: port === undefined ? undefined : Number(port), user };
}

function splitPort(text: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] };
  const colon = text.lastIndexOf(':');
  // A bare IPv6 address is full of colons; only brackets can give it a port.
  if (colon === -1 || isIPv6(text)) return { host: text, port: undefined };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function userProblem(user: string | undefined): string | undefined {
  if (user === undefined) return undefined;
  if (user === '') return 'the user before “@” is missing';
  if (user.startsWith('-')) return 'the user begins with “-”';
  if (SHELL_IN_USER.test(user) || user.endsWith('\\')) return 'the user contains a character of the shell';
  return undefined;
}

function hostProblem(host: string): string | undefined {
  if (host === '') return 'the host is missing';
  if (host.startsWith('-')) return 'the host begins with “-”';
  if (SHELL_IN_HOST.test(host)) return 'the host contains a character of the shell';
  if (/[[\]@/]/.test(host)) return 'the host is not a name or an address';
  if (host.includes(':') && !isIPv6(host)) return 'the host is not a name or an address';
  return undefined;
}

function portProblem(port: string | undefined): string | undefined {
  if (port === undefined) return undefined;
  const valid = /^[0-9]{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  return valid ? undefined : 'the port is not a number from 1 to 65535';
}

function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\uFFFD').slice(0, MAX_SHOWN_LENGTH);
}
