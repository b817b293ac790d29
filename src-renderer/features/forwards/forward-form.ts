import type { Forward } from '../../../src-main/contract/tunnel.ts';
import { checkPort, toPort } from '../gateways/port.ts';

export type ForwardField = 'localPort' | 'remoteHost' | 'remotePort';

/** What was typed, trimmed. */
export type ForwardValues = Readonly<Record<ForwardField, string>>;

export type ForwardProblems = Readonly<Partial<Record<ForwardField, string>>>;

export type CheckedForward =
  { readonly ok: true; readonly forward: Forward } | { readonly ok: false; readonly problems: ForwardProblems };

/** Where nothing is said, the forward ends on that computer itself, and has the same port here. */
export function checkForward({ localPort, remoteHost, remotePort }: ForwardValues): CheckedForward {
  const host = remoteHost === '' ? '127.0.0.1' : remoteHost;
  const here = localPort === '' ? remotePort : localPort;
  const checks = { remotePort: checkPort(remotePort), localPort: checkPort(here), remoteHost: checkHost(host) };
  const problems = Object.fromEntries(Object.entries(checks).filter(([, problem]) => problem !== undefined));
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const forward = { localPort: toPort(here) ?? 0, remoteHost: host, remotePort: toPort(remotePort) ?? 0 };
  return { ok: true, forward };
}

function checkHost(host: string): string | undefined {
  return /^(?!-)[\w.:%-]{1,253}$/.test(host) ? undefined : 'Give a host name or an address.';
}

/** `127.0.0.1:80`, `[::1]:80` */
export function remoteText({ remoteHost, remotePort }: Forward): string {
  return remoteHost.includes(':') ? `[${remoteHost}]:${remotePort}` : `${remoteHost}:${remotePort}`;
}
