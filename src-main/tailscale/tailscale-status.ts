import { z } from 'zod';

import type { ErrorInfo } from '../contract/errors.ts';

/** What the daemon says of itself, as far as an exposure needs it. */
export interface TailscaleStatus {
  /** `Running`, `NeedsLogin`, …: ipn/backend.go of Tailscale. */
  readonly backendState: string;
  /** Of the daemon, `1.102.3`; that of the program may be another. */
  readonly version: string | undefined;
  /** Where a person signs in, while that is needed. */
  readonly authUrl: string | undefined;
  /** `laptop.tail1f3a.ts.net`, without the dot at its end; empty before the tailnet was heard of. */
  readonly dnsName: string;
  readonly addresses: readonly string[];
  /** Whose computer this is; absent where it is tagged, and so nobody's. */
  readonly owner: { readonly id: string; readonly login: string } | undefined;
  readonly isInTailnet: boolean;
  readonly hasMagicDns: boolean;
  /** `https`, `funnel`, …: keys of the capability map. */
  readonly capabilities: ReadonlySet<string>;
}

// Unknown keys come and go with versions, and a list that is empty may be null.
const Strings = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const Id = z.union([z.number(), z.string()]).transform(String);
const text = z.string().default('');
const Self = z.object({
  DNSName: text,
  UserID: Id.default('0'),
  TailscaleIPs: Strings,
  Tags: Strings,
  CapMap: z.record(z.string(), z.unknown()).nullish(),
});
const Document = z.object({
  BackendState: z.string(),
  Version: text,
  AuthURL: text,
  Self: Self.nullish().transform((self) => self ?? Self.parse({})),
  CurrentTailnet: z.object({ MagicDNSEnabled: z.boolean().default(false) }).nullish(),
  User: z.record(z.string(), z.object({ LoginName: text })).nullish(),
});

/** @throws Error for what is no status */
export function parseStatus(json: unknown): TailscaleStatus {
  const { BackendState, Version, AuthURL, Self: self, CurrentTailnet, User } = Document.parse(json);
  const { UserID: id, Tags, DNSName, TailscaleIPs, CapMap } = self;
  const isOwned = id !== '0' && Tags.length === 0;
  return {
    backendState: BackendState,
    version: /^\d+\.\d+\.\d+/.exec(Version)?.[0],
    authUrl: AuthURL === '' ? undefined : AuthURL,
    dnsName: DNSName.replace(/\.$/, ''),
    addresses: TailscaleIPs,
    owner: isOwned ? { id, login: User?.[id]?.LoginName ?? '' } : undefined,
    isInTailnet: CurrentTailnet !== null && CurrentTailnet !== undefined,
    hasMagicDns: CurrentTailnet?.MagicDNSEnabled === true,
    capabilities: new Set(Object.keys(CapMap ?? {})),
  };
}

/** Why nothing can be opened while the daemon is like that; `undefined` when it runs. */
export function conditionFault({
  backendState,
  authUrl,
  dnsName,
  isInTailnet,
}: TailscaleStatus): ErrorInfo | undefined {
  switch (backendState) {
    case 'Running':
      // The program of Tailscale crashes before the first map of the tailnet has come.
      return isInTailnet && dnsName !== '' ? undefined : { code: 'tailscale/starting', params: {} };
    case 'NeedsLogin':
      return { code: 'tailscale/signed-out', params: { url: authUrl } };
    case 'NeedsMachineAuth':
      return { code: 'tailscale/needs-approval', params: {} };
    case 'Stopped':
      return { code: 'tailscale/stopped', params: {} };
    case 'InUseOtherUser':
      return { code: 'tailscale/used-by-another', params: { words: 'another user is signed in' } };
    default:
      return { code: 'tailscale/starting', params: {} };
  }
}

/** The ports that Funnel may use here, from the capability `…/cap/funnel-ports?ports=443,8000-8010`. */
export function funnelPorts({ capabilities }: TailscaleStatus): (port: number) => boolean {
  const lists = [...capabilities].flatMap((name) => /\/cap\/funnel-ports\?ports=([\d,-]+)$/.exec(name)?.[1] ?? []);
  const ranges = lists.flatMap((list) => list.split(',')).map((range) => range.split('-').map(Number));
  return (port) => ranges.some(([from = Infinity, to = from]) => from <= port && port <= to);
}

/** Whether a version is at least `needed`, `1.92`. A version that is not known is not. */
export function isAtLeast(version: string | undefined, needed: string): boolean {
  const [major = 0, minor = 0] = (version ?? '0.0').split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
