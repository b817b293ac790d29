import type { ErrorInfo } from '../contract/errors.ts';

const MAX_WORDS = 300;

/**
 * What the program of Tailscale meant when it failed: its words as of 1.102.3, of which some are the daemon's.
 * `undefined` when nothing was said.
 *
 * @param port the one that was to be claimed, where something was
 */
export function programFault(said: string, port?: number): ErrorInfo | undefined {
  const words = cleaned(said);
  if (words === '') return undefined;
  if (/failed to connect to local|not running\?|no backend|service not running/i.test(words)) {
    return { code: 'tailscale/not-answering', params: {} };
  }
  if (/already in use by/i.test(words)) return { code: 'tailscale/used-by-another', params: { words } };
  if (/Logged out|NeedsLogin/i.test(words)) {
    return { code: 'tailscale/signed-out', params: { url: /https:\/\/\S+/.exec(words)?.[0] } };
  }
  if (/not yet approved/i.test(words)) return { code: 'tailscale/needs-approval', params: {} };
  if (/Tailscale is stopped/i.test(words)) return { code: 'tailscale/stopped', params: {} };
  if (/unexpected state|netMap is nil|nil pointer/i.test(words)) return { code: 'tailscale/starting', params: {} };
  return claimFault(words, port);
}

function claimFault(words: string, port: number | undefined): ErrorInfo {
  if (/listener already exists|already serving|configuration already exists|foreground already exists/i.test(words)) {
    return { code: 'tailscale/port-taken', params: { port: port ?? 0, holder: undefined } };
  }
  if (/access denied|must be root/i.test(words)) {
    return { code: 'tailscale/not-permitted', params: { command: 'sudo tailscale set --operator=$USER' } };
  }
  if (/shields-up/i.test(words)) return { code: 'tailscale/shields-up', params: {} };
  const enable = /https:\/\/login\.tailscale\.com\/f\/(serve|funnel)\S*/.exec(words);
  if (enable !== null) {
    const [url, feature] = enable;
    return { code: feature === 'funnel' ? 'tailscale/no-funnel' : 'tailscale/no-https', params: { url } };
  }
  if (/HTTPS must be enabled|error enabling https/i.test(words)) {
    return { code: 'tailscale/no-https', params: { url: 'https://login.tailscale.com/admin/dns' } };
  }
  if (/node attribute not set/i.test(words)) {
    return { code: 'tailscale/no-funnel', params: { url: 'https://login.tailscale.com/admin/acls/file' } };
  }
  return { code: 'tailscale/claim-failed', params: { words } };
}

/** One line without what a terminal would act on. */
function cleaned(said: string): string {
  const lines = said.split('\n').filter((line) => !line.startsWith('Warning: client version'));
  return lines
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, MAX_WORDS);
}
