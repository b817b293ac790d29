import type { GatewayUnreachableReason, PickupProblem, PortHolder } from './errors.ts';
import { TYPED } from './question.ts';

export const UNREACHABLE: Readonly<Record<GatewayUnreachableReason, string>> = {
  refused: 'The computer is there, but nothing accepts connections on that port.',
  timeout: 'The other computer is asleep, off or without network.',
  'no-route': 'This computer has no route to it: it may be offline or on another network.',
  reset: 'The connection was closed while it was being made.',
  'not-ssh':
    'Something else answers in its place. Many networks do that until you have signed in to them: try a page in a browser.',
  'unknown-name': 'Its name has no address: this computer may be offline, or the name is misspelt.',
  throttled: 'The server refuses this address for a while after too many connections without sign-in.',
};

export const PICKUP: Readonly<Record<PickupProblem, (host: string) => string>> = {
  refused: (host) => `${host} lets you forward ports, but runs no commands for you.`,
  'no-program': (host) => `Neither gangway nor openclaw was found on ${host} in the path of a login shell.`,
  'no-token': (host) => `The gateway on ${host} has no token to give: it is open, or asks for a password.`,
  'other-gateway': (host) => `The programs on ${host} know a gateway, but it is not the one on this port.`,
  elsewhere: (host) => `The gateway is not on ${host} itself but behind it.`,
  'not-understood': (host) => `What the program on ${host} answered was not understood; it may be too old or too new.`,
  'program-failed': (host) => `The program on ${host} reported a failure.`,
  timeout: (host) => `The program on ${host} did not answer in time.`,
  lost: (host) => `The connection to ${host} broke meanwhile.`,
  cancelled: (host) => `It was cancelled. Nothing from ${host} was kept.`,
  'no-request': (host) => `The gateway on ${host} does not list a request of this device; it may have run out.`,
  'other-device': (host) => `The request that ${host} lists is not from this device, so it was left alone.`,
};

export function holderText({ pid, program }: PortHolder): string {
  if (pid === undefined) return 'Another program';
  return program === undefined ? `Process ${pid}` : `${program} (process ${pid})`;
}

export const placeOf = (file: string, line: number | undefined): string =>
  line === undefined ? 'the one that was just shown' : `${file}, line ${line}`;

export const certificates = (authority: string, host: string): string =>
  `Your known_hosts (${authority}) vouches for ${host} by a certificate authority; Gangway checks keys, not certificates.`;

export const move = (port: number | undefined): string =>
  port === undefined ? 'Choose another port.' : `Move to port ${port}, which is free, or stop the other program.`;

export const moreKeys = (count: number): string => (count === 1 ? 'One more key was' : `${count} more keys were`);

/** A password or a code among the keys that were tried. */
export const isTyped = (tried: string): boolean => tried === TYPED.password || tried === TYPED.answers;
