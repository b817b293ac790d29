import { userOf, type Netmap, type NodeFacts, type UserFacts } from '../netmap.ts';
import type { FakeState } from '../state.ts';

/** The document of `tailscale status --json`, ipn/ipnstate/ipnstate.go. */
export function statusDocument(state: FakeState, map: Netmap | null, peerApi: number): object {
  const { backendState, version, authUrl, health } = state;
  const own = { Version: version.daemon, TUN: false, BackendState: backendState, AuthURL: authUrl, Health: health };
  const isOnline = backendState === 'Running';
  return map === null ? { ...own, ...UNKNOWN } : { ...own, ...knownDocument(map, isOnline, peerApi) };
}

/** Before the first map of a tailnet. */
const UNKNOWN = {
  HaveNodeKey: false,
  TailscaleIPs: null,
  Self: { ID: '', HostName: 'localhost', DNSName: '', UserID: 0, TailscaleIPs: null, Online: false, PeerAPIURL: null },
  CurrentTailnet: null,
  CertDomains: null,
  Peer: null,
  User: null,
};

function knownDocument(map: Netmap, isOnline: boolean, peerApi: number): object {
  const { self, domain } = map;
  const user = userOf(map, self);
  return {
    HaveNodeKey: true,
    TailscaleIPs: self.addresses,
    Self: {
      ID: stableId(self),
      HostName: self.name.split('.')[0],
      DNSName: `${self.name}.`,
      UserID: self.user,
      TailscaleIPs: self.addresses,
      ...(self.tags.length > 0 && { Tags: self.tags }),
      Online: isOnline,
      PeerAPIURL: [`http://${self.addresses[0]}:${peerApi}`],
      Capabilities: [DEPRECATED, ...self.capabilities],
      CapMap: Object.fromEntries(self.capabilities.map((key) => [key, null])),
    },
    CurrentTailnet: { Name: domain, MagicDNSSuffix: domain, MagicDNSEnabled: true },
    CertDomains: self.capabilities.includes('https') ? [self.name] : null,
    Peer: null,
    User: user === undefined ? {} : { [user.id]: profile(user) },
  };
}

/** The others, as they are told where `--peers=false` is not said. Those of this tailnet are always there. */
export function peersOf({ peers }: Netmap): object {
  const entry = (node: NodeFacts): object => ({
    ID: stableId(node),
    HostName: node.name.split('.')[0],
    DNSName: `${node.name}.`,
    UserID: node.user,
    TailscaleIPs: node.addresses,
    ...(node.tags.length > 0 && { Tags: node.tags }),
    Online: true,
  });
  return Object.fromEntries(peers.map((node) => [`nodekey:${node.id}`, entry(node)]));
}

/** What `whois` answers; `undefined` for an address that nobody has. */
export function whoisDocument(map: Netmap, node: NodeFacts | undefined): unknown {
  const user = node && userOf(map, node);
  if (node === undefined || user === undefined) return undefined;
  return {
    Node: {
      ID: node.id,
      StableID: stableId(node),
      Name: `${node.name}.`,
      User: node.user,
      Addresses: node.addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`),
      ...(node.tags.length > 0 && { Tags: node.tags }),
      Online: true,
      ComputedName: node.name.split('.')[0],
    },
    UserProfile: profile(user),
    CapMap: null,
  };
}

const DEPRECATED =
  'HTTPS://TAILSCALE.COM/s/DEPRECATED-NODE-CAPS#see-https://github.com/tailscale/tailscale/issues/11508';

const stableId = ({ id }: NodeFacts): string => `nFAKE${id}CNTRL`;

function profile({ id, login, name, picture }: UserFacts): unknown {
  return { ID: id, LoginName: login, DisplayName: name, ProfilePicURL: picture };
}
