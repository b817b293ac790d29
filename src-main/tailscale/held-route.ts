import { AppError, fail, toErrorInfo } from '../contract/errors.ts';
import type { ExposureWish, OpenRoute, RouteRequest } from '../contract/exposure.ts';
import type { Kept } from '../platform/keeper.ts';
import type { Clock, CompanionStarter, Logger } from '../platform/ports.ts';
import { openClaim, type Claim } from './claim.ts';
import type { ClaimSigns } from './leftover.ts';
import { checksOf, findings, lostGround, type Asker, type PreflightOptions } from './preflight.ts';
import { holderOf, isClaimed, type ClaimedRoute } from './serve-config.ts';
import type { TailscaleClient } from './tailscale-client.ts';

export interface HeldRouteDeps {
  readonly client: TailscaleClient;
  readonly companions: CompanionStarter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly asker: Asker;
  readonly gateway: () => PreflightOptions['gateway'];
  readonly openRoute: (request: RouteRequest) => Promise<OpenRoute>;
  /** Told of the program that is to hold the route before there is one, so that it is found after a crash. */
  readonly onClaiming: (claim: ClaimSigns) => Promise<void>;
  /** Asks an `https:` address and resolves with the status; rejects where nothing answers. */
  readonly ask: (url: string) => Promise<number | undefined>;
  /** The addresses of this computer's interfaces. */
  readonly ownAddresses: () => readonly string[];
  /** The route was looked at, or has answered. */
  readonly onLooked: () => void;
}

/** A wish that is carried out. */
export type OpenWish = ExposureWish & { readonly mode: 'serve' | 'funnel' };

/** Changes that others make are noticed within 5 s. */
const LOOK_INTERVAL_MS = 3_000;
const ANSWER_INTERVAL_MS = 60_000;

interface Parts {
  readonly deps: HeldRouteDeps;
  readonly claimed: ClaimedRoute;
  readonly addresses: readonly string[];
  readonly route: OpenRoute;
  readonly claim: Claim;
}

/** A route through Tailscale to a listener of its own, read back and watched for as long as it is held. */
export class HeldRoute implements Kept {
  readonly wish: OpenWish;
  readonly url: string;
  readonly target: string;
  readonly lost: Promise<AppError>;
  readonly #deps: HeldRouteDeps;
  readonly #claimed: ClaimedRoute;
  /** Of this computer in the tailnet. */
  readonly #addresses: readonly string[];
  readonly #route: OpenRoute;
  readonly #claim: Claim;
  readonly #lost = Promise.withResolvers<AppError>();
  #cancelLook = (): void => {};
  #askedAtMs = -Infinity;
  #ending: Promise<void> | undefined;
  checkedAtMs: number;
  answeredAtMs: number | undefined;

  private constructor(wish: OpenWish, { deps, claimed, addresses, route, claim }: Parts) {
    this.wish = wish;
    this.#deps = deps;
    this.#claimed = claimed;
    this.#addresses = addresses;
    this.#route = route;
    this.#claim = claim;
    this.target = claimed.target;
    this.url = `https://${hostOf(claimed)}`;
    this.checkedAtMs = deps.clock.now();
    this.lost = this.#lost.promise;
    void claim.lost.then((reason) => this.#lose(reason));
    this.#lookLater(0);
  }

  /** @throws AppError the first fault of the preflight, or why it could not be claimed; nothing is open then */
  static async open(wish: OpenWish, deps: HeldRouteDeps, signal: AbortSignal): Promise<HeldRoute> {
    const { client, asker } = deps;
    const found = await findings(client);
    const checks = checksOf(found, { wish, gateway: deps.gateway(), asker, now: undefined });
    const fault = checks.find((check) => check.fault !== undefined)?.fault;
    if (fault !== undefined) throw new AppError(fault);
    signal.throwIfAborted();
    const { dnsName, addresses } = found.status;
    const host = hostOf({ dnsName, port: wish.port });
    const route = await deps.openRoute({ mode: wish.mode, host, tailnet: client });
    const claimed: ClaimedRoute = {
      dnsName,
      port: wish.port,
      target: `http://127.0.0.1:${route.port}`,
      mode: wish.mode,
    };
    try {
      const claim = await claimAndProve(claimed, deps, signal);
      return new HeldRoute(wish, { deps, claimed, addresses, route, claim });
    } catch (error) {
      await route.close();
      throw error;
    }
  }

  get visitors() {
    return this.#route.visitors();
  }

  /** Resolves when the route is gone, and what came by it as well. */
  async close(): Promise<void> {
    await this.#end();
    await this.#route.close();
    this.#lost.resolve(fail('tailscale/claim-lost', {}));
  }

  #lookLater(delayMs = LOOK_INTERVAL_MS): void {
    this.#cancelLook = this.#deps.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { client, clock, onLooked } = this.#deps;
    try {
      const [status, config] = await Promise.all([client.status(), client.serveConfig()]);
      const fault = lostGround(status, this.wish);
      if (fault !== undefined) return this.#lose(new AppError(fault));
      if (status.dnsName !== this.#claimed.dnsName) return this.#lose(fail('tailscale/claim-lost', {}));
      if (!isClaimed(config, this.#claimed)) return this.#lose(this.#replacedBy(holderOf(config, this.#claimed.port)));
    } catch (error) {
      return this.#lose(error instanceof AppError ? error : new AppError(toErrorInfo(error), { cause: error }));
    }
    if (this.#ending !== undefined) return;
    this.checkedAtMs = clock.now();
    if (this.checkedAtMs - this.#askedAtMs >= ANSWER_INTERVAL_MS)
      this.proveAnswer().catch((error) => this.#lose(error as AppError));
    onLooked();
    this.#lookLater();
  }

  /**
   * By its own address, as others would. Where Tailscale has no interface on this computer nothing leads there, and where
   * the first certificate takes its time nothing answers yet: then nothing is said about it.
   *
   * @throws AppError `tailscale/not-answered` when something else than the gateway answers, such as Tailscale itself
   */
  async proveAnswer(): Promise<void> {
    const { clock, log, onLooked, ask, ownAddresses } = this.#deps;
    this.#askedAtMs = clock.now();
    const here = ownAddresses();
    if (!this.#addresses.some((address) => here.includes(address))) return;
    let status: number | undefined;
    try {
      status = await ask(`${this.url}/healthz`);
    } catch (error) {
      log.debug('the gateway was not reached by its own address', { error });
      return;
    }
    if (status !== 200) throw fail('tailscale/not-answered', { url: this.url, problem: `the answer was ${status}` });
    this.answeredAtMs = clock.now();
    onLooked();
  }

  #replacedBy(holder: string | undefined): AppError {
    const { port, target } = this.#claimed;
    const isElses = holder !== undefined && holder !== target;
    return isElses ? fail('tailscale/port-taken', { port, holder }) : fail('tailscale/claim-lost', {});
  }

  #lose(reason: AppError): void {
    void this.#end().then(() => {
      this.#lost.resolve(reason);
      // Started requests have their time; the next claim need not wait for that.
      return this.#route.close();
    });
  }

  #end(): Promise<void> {
    this.#cancelLook();
    this.#ending ??= this.#claim.close();
    return this.#ending;
  }
}

async function claimAndProve(claimed: ClaimedRoute, deps: HeldRouteDeps, signal: AbortSignal): Promise<Claim> {
  const { client, companions, clock } = deps;
  const program = await client.program();
  const around = {
    companions,
    clock,
    program,
    socketWords: client.socketWords,
    onClaiming: (folder: string) => deps.onClaiming({ folder, target: claimed.target }),
  };
  const claim = await openClaim(claimed, around, signal);
  try {
    if (isClaimed(await client.serveConfig(), claimed)) return claim;
    throw fail('tailscale/claim-failed', { words: 'the route is not the one that was asked for' });
  } catch (error) {
    await claim.close();
    throw error;
  }
}

function hostOf({ dnsName, port }: Pick<ClaimedRoute, 'dnsName' | 'port'>): string {
  return port === 443 ? dnsName : `${dnsName}:${port}`;
}
