import { describeError } from '../contract/errors.ts';
import type { ExposureView } from '../contract/exposure.ts';
import { LOCAL_GATEWAY, type Snapshot } from '../contract/snapshot.ts';
import type { ElectronApi, NotificationApi } from './electron-api.ts';
import { plainText } from './plain-text.ts';

export interface ExposureNoticesDeps {
  readonly electron: Pick<ElectronApi, 'Notification'>;
  readonly openWindow: () => void;
}

/** A restart of Tailscale takes less; a person need not know of it. */
const LONG_MS = 60_000;

const NAMES = { serve: 'Serve', funnel: 'Funnel' };

/** Tells what a person counts on and cannot see: that a Funnel closed on time, and that a route is lost for long. */
export class ExposureNotices {
  readonly #deps: ExposureNoticesDeps;
  /** When the Funnel that is open closes by itself. */
  #endMs: number | undefined;
  #hasToldLoss = false;
  /** The last few: one that is collected as garbage no longer takes a click. */
  #kept: readonly NotificationApi[] = [];

  constructor(deps: ExposureNoticesDeps) {
    this.#deps = deps;
  }

  follow({ gateways }: Pick<Snapshot, 'gateways'>, nowMs: number): void {
    const local = gateways.find(({ id }) => id === LOCAL_GATEWAY);
    if (local?.exposure === undefined) return;
    this.#followEnd(local.exposure, { nowMs, reach: local.reach.headline });
    this.#followLoss(local.exposure, nowMs);
  }

  #followEnd({ state, wish }: ExposureView, { nowMs, reach }: { nowMs: number; reach: string }): void {
    if (state.status === 'opening' || state.status === 'closing') return;
    const isOpen = state.status !== 'off' && state.mode === 'funnel';
    if (!isOpen && this.#endMs !== undefined && nowMs >= this.#endMs) this.#tell('Funnel closed on time', reach);
    this.#endMs = isOpen ? wish.untilMs : undefined;
  }

  #followLoss({ state }: ExposureView, nowMs: number): void {
    if (state.status === 'active' || state.status === 'off') this.#hasToldLoss = false;
    if (state.status !== 'waiting' && state.status !== 'failed') return;
    if (this.#hasToldLoss || (state.status === 'waiting' && nowMs - state.sinceMs < LONG_MS)) return;
    this.#hasToldLoss = true;
    const { title, next } = describeError(state.cause);
    this.#tell(`${NAMES[state.mode]} is not open`, plainText(`${title}. ${next}`));
  }

  #tell(title: string, body: string): void {
    const { electron, openWindow } = this.#deps;
    if (!electron.Notification.isSupported()) return;
    const notice = new electron.Notification({ title, body });
    notice.on('click', openWindow);
    notice.show();
    this.#kept = [...this.#kept, notice].slice(-3);
  }
}
