import type { Tailnet, TailnetPeer, TailnetSelf } from '../../contract/exposure.ts';
import type { TailscaleOptions } from '../../contract/gateway-host.ts';
import type { Clock, Logger } from '../../platform/ports.ts';
import type { SocketEnds, SocketOwner } from '../../platform/socket-owner.ts';
import { routeOrigin } from '../auth/origins.ts';
import type { Ingress } from '../server/ingress.ts';
import type { Listener } from '../server/listener.ts';
import type { RouteArrival } from '../server/route-ingress.ts';
import { isSameLogin } from '../server/tailscale-login.ts';

/** Who came by Serve, as the daemon of Tailscale on this computer says. */
export interface TailnetIdentity {
  readonly address: string;
  readonly peer: TailnetPeer;
  /** This computer is that person's. */
  readonly isOwner: boolean;
}

export interface IdentityDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: () => Pick<TailscaleOptions, 'allowIdentity' | 'allowedUserIds'>;
  /** Whom to ask about what comes by this listener; absent when it is no open route. */
  readonly tailnetOf: (listener: Listener) => Tailnet | undefined;
  readonly ownerOf: (ends: SocketEnds) => Promise<SocketOwner>;
  /** Our own user id; absent where there are none. */
  readonly ownUid: number | undefined;
}

/** Why somebody is not let in for who it is. For the log; the client hears only that a secret is needed. */
type Doubt =
  | 'nobody is named'
  | 'another page asks'
  | 'another program asks'
  | 'nobody could be asked'
  | 'it took too long'
  | 'this computer itself'
  | 'no such address'
  | 'a tagged device'
  | 'another person than is named'
  | 'not an allowed person';

/** A person who waits for the page of the gateway does not wait longer. */
const ANSWER_LIMIT_MS = 5_000;

/** Decides who is let in without a secret because of who it is. Any doubt is a no. */
export class IdentityCheck {
  readonly #deps: IdentityDeps;

  constructor(deps: IdentityDeps) {
    this.#deps = deps;
  }

  /** Asks anew each time: what was true a minute ago opens nothing. Never rejects. */
  async identify(ingress: Ingress): Promise<TailnetIdentity | undefined> {
    const { arrival, listener, client } = ingress;
    const tailnet = this.#deps.tailnetOf(listener);
    if (!this.#deps.rules().allowIdentity || listener.kind !== 'serve') return undefined;
    if (arrival === undefined || tailnet === undefined) return undefined;
    const early = arrival.login === undefined ? 'nobody is named' : undefined;
    const found =
      early ?? (ingress.origin === routeOrigin(listener) ? await this.#ask(arrival, tailnet) : 'another page asks');
    if (typeof found !== 'string') {
      this.#deps.log.info('let in for who it is', { client, login: found.peer.login, device: found.peer.device });
      return found;
    }
    this.#deps.log.info('not let in for who it is', { client, login: arrival.login, doubt: found });
    return undefined;
  }

  /** Whether the rules, as they are now, name this person. */
  isAllowed({ peer, isOwner }: Pick<TailnetIdentity, 'peer' | 'isOwner'>): boolean {
    const { allowIdentity, allowedUserIds } = this.#deps.rules();
    return allowIdentity && (isOwner || allowedUserIds.includes(peer.userId));
  }

  /** Whether the address still is that person's, and that person is still let in. Never rejects. */
  async isStillSo({ address, peer }: TailnetIdentity, listener: Listener): Promise<'yes' | 'no' | 'unknown'> {
    const tailnet = this.#deps.tailnetOf(listener);
    const found = tailnet && (await this.#whois(address, tailnet));
    if (found === 'nobody could be asked' || found === 'it took too long') return 'unknown';
    return typeof found === 'object' && found.peer.userId === peer.userId ? 'yes' : 'no';
  }

  async #ask({ client, login = '', ends }: RouteArrival, tailnet: Tailnet): Promise<TailnetIdentity | Doubt> {
    const owner = await this.#deps.ownerOf(ends);
    if (!isDaemon(owner, this.#deps.ownUid)) return 'another program asks';
    const found = await this.#whois(client, tailnet);
    if (typeof found === 'string') return found;
    return isSameLogin(found.peer.login, login) ? found : 'another person than is named';
  }

  /** One answer each about the client and about us, and nothing is asked twice for one decision. */
  async #whois(address: string, tailnet: Tailnet): Promise<TailnetIdentity | Doubt> {
    const late = Promise.withResolvers<'it took too long'>();
    const disarm = this.#deps.clock.after(ANSWER_LIMIT_MS, () => late.resolve('it took too long'));
    const answers = Promise.all([tailnet.whois(address), tailnet.self()]).catch((error: unknown) => {
      this.#deps.log.warn('Tailscale did not say who comes', { address, error });
      return 'nobody could be asked' as const;
    });
    const outcome = await Promise.race([answers, late.promise]);
    disarm();
    return typeof outcome === 'string' ? outcome : this.#judge(address, ...outcome);
  }

  #judge(address: string, peer: TailnetPeer | undefined, self: TailnetSelf): TailnetIdentity | Doubt {
    // Any program of this computer that asks for our own name comes with the login of its owner.
    if (self.addresses.includes(address)) return 'this computer itself';
    if (peer === undefined) return 'no such address';
    if (peer.isTagged || peer.userId === '' || peer.login === '') return 'a tagged device';
    const identity = { address, peer, isOwner: peer.userId === self.userId };
    return this.isAllowed(identity) ? identity : 'not an allowed person';
  }
}

/** The daemon runs as root, or as we do. Where the platform does not tell, nothing speaks against it. */
function isDaemon(owner: SocketOwner, ownUid: number | undefined): boolean {
  return owner.status === 'untold' || (owner.status === 'known' && (owner.uid === 0 || owner.uid === ownUid));
}
