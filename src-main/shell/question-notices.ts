import { askedFor } from '../contract/question.ts';
import type { GatewayId, Snapshot } from '../contract/snapshot.ts';
import type { ElectronApi, NotificationApi } from './electron-api.ts';
import { plainText } from './plain-text.ts';
import { nameOf } from './tray-status.ts';

export interface QuestionNoticesDeps {
  readonly electron: Pick<ElectronApi, 'Notification'>;
  /** Whether the window shows the question anyway. */
  readonly isWindowVisible: () => boolean;
  readonly openWindow: () => void;
}

/** Tells that a gateway waits for a person whom no window tells: once, until that gateway is well or given up. */
export class QuestionNotices {
  readonly #deps: QuestionNoticesDeps;
  /** By gateway; a notification that is collected as garbage no longer takes a click. */
  readonly #told = new Map<GatewayId, NotificationApi | undefined>();

  constructor(deps: QuestionNoticesDeps) {
    this.#deps = deps;
  }

  follow({ gateways }: Pick<Snapshot, 'gateways'>): void {
    for (const gateway of gateways) {
      const { id, state } = gateway;
      if (state.status === 'asks') {
        if (this.#told.has(id)) continue;
        this.#told.set(id, this.#tell(`${nameOf(gateway)} asks for ${plainText(askedFor(state.question))}`));
      } else if (state.status !== 'connecting') this.#told.delete(id);
    }
  }

  #tell(title: string): NotificationApi | undefined {
    const { electron, isWindowVisible, openWindow } = this.#deps;
    if (isWindowVisible() || !electron.Notification.isSupported()) return undefined;
    const notice = new electron.Notification({ title, body: 'Click to answer. The line goes on from there.' });
    notice.on('click', openWindow);
    notice.show();
    return notice;
  }
}
