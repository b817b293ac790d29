import type { AppError } from '../../contract/errors.ts';
import type { ExposurePlan, ExposureWish, GatewayAccess, TailnetDevices } from '../../contract/exposure.ts';
import type { ExposedGateway } from '../exposure-switch.ts';
import type { ExposureFacts } from '../local-gateway.ts';

export const TAILNET_URL = 'https://laptop.tail1f3a.ts.net';
export const CLOSED: ExposureWish = { mode: 'off', port: 443, untilMs: undefined };
export const LOOPBACK: GatewayAccess = {
  bind: 'loopback',
  url: 'http://127.0.0.1:18789',
  auth: 'token',
  allowIdentity: true,
};

/** A gateway that is open as soon as it is told to be. */
export class FakeExposedGateway implements ExposedGateway {
  readonly wishes: ExposureWish[] = [];
  /** Writes a wish down that is to outlast the run. */
  keep: (wish: ExposureWish) => Promise<void> = async () => {};
  /** What the next wishes fail with. */
  refusal: AppError | undefined;
  #wish: ExposureWish = CLOSED;
  #before: ExposureWish['mode'] = 'off';
  #access: GatewayAccess = LOOPBACK;
  #reader: ((access: GatewayAccess) => void) | undefined;

  get exposure(): ExposureFacts {
    const { mode } = this.#wish;
    const state =
      mode === 'off'
        ? ({ status: 'off' } as const)
        : ({ status: 'active', mode, sinceMs: 0, url: TAILNET_URL, checkedAtMs: 0, answeredAtMs: 0 } as const);
    return { access: this.#access, view: { wish: this.#wish, state, before: this.#before, visitors: [] } };
  }

  async plan(wish: ExposureWish): Promise<ExposurePlan> {
    return { wish, checks: [], changes: [] };
  }

  async devices(): Promise<TailnetDevices | undefined> {
    return { others: 3, online: 2, askedAtMs: 0 };
  }

  async expose(wish: ExposureWish): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.wishes.push(wish);
    await this.keep(wish);
    this.#before = this.#wish.mode;
    this.#wish = wish;
  }

  nextAccess(): Promise<GatewayAccess> {
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** It has read its configuration again. */
  takeOver(auth: GatewayAccess['auth']): void {
    this.#access = { ...this.#access, auth };
    this.#reader?.(this.#access);
  }
}
