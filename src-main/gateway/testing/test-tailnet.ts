import type { Tailnet, TailnetPeer, TailnetSelf } from '../../contract/exposure.ts';

export const HOST = 'desk.tail1f3a.ts.net';
export const ANN = '100.64.0.2';

/** Headers as Tailscale Serve writes them for a request of Ann's phone. */
export const byServe: Readonly<Record<string, string>> = {
  host: HOST,
  'x-forwarded-host': HOST,
  'x-forwarded-for': ANN,
  'x-forwarded-proto': 'https',
};

export const ann: TailnetPeer = {
  userId: '1',
  login: 'ann@example.com',
  displayName: 'Ann',
  device: 'phone',
  isTagged: false,
};

/** The same for the page of the gateway, in her browser. */
export const byHerBrowser: Readonly<Record<string, string>> = {
  ...byServe,
  origin: `https://${HOST}`,
  'tailscale-user-login': ann.login,
};

/** A tailnet whose answers a test sets. */
export class TestTailnet implements Tailnet {
  readonly peers = new Map<string, TailnetPeer>([[ANN, ann]]);
  me: TailnetSelf = { dnsName: HOST, addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'], userId: ann.userId };
  readonly asked: string[] = [];

  whois(address: string): Promise<TailnetPeer | undefined> {
    this.asked.push(address);
    return Promise.resolve(this.peers.get(address));
  }

  self(): Promise<TailnetSelf> {
    return Promise.resolve(this.me);
  }
}
