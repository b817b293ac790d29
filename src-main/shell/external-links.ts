/** Sites that the Control UI links to. A link from a chat or a gateway is text of somebody else. */
const HOSTS: ReadonlySet<string> = new Set([
  'openclaw.ai',
  'docs.openclaw.ai',
  'github.com',
  'tailscale.com',
  'login.tailscale.com',
]);

/** The address to hand to the browser of the system, or `undefined` where it is not to be opened at all. */
export function externalLink(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.protocol !== 'https:' || url.port !== '') return undefined;
  if (url.username !== '' || url.password !== '' || !HOSTS.has(url.hostname)) return undefined;
  return url.href;
}
