import { describeError, type ErrorInfo } from '../contract/errors.ts';
import { endSentence, type ExposureView } from '../contract/exposure.ts';
import { errorLine, errorText, type Terminal } from './terminal.ts';

/** Says on a terminal what becomes of the exposure of a gateway in the foreground; each thing once. */
export class ExposureTeller {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  #last = '';

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  changed({ wish, state, ended }: ExposureView): void {
    const cause = 'cause' in state ? state.cause : undefined;
    const url = state.status === 'active' ? state.url : undefined;
    const told = JSON.stringify([state.status, wish.mode, url, cause]);
    const isNews = told !== this.#last && !(state.status === 'off' && this.#last === '' && ended === undefined);
    this.#last = told;
    if (!isNews) return;
    if (this.#json) {
      const { mode, untilMs } = wish;
      const line = { exposure: state.status, mode, url, untilMs, ended, ...(cause && { cause: errorLine(cause) }) };
      this.#terminal.out(`${JSON.stringify(line)}\n`);
    } else this.#say({ wish, state, ended });
  }

  /** A gateway at a tailnet address has moved with it. */
  moved(url: string | undefined, cause: ErrorInfo | undefined): void {
    if (this.#json) {
      const line = {
        status: url === undefined ? 'unreachable' : 'moved',
        url,
        ...(cause && { cause: errorLine(cause) }),
      };
      this.#terminal.out(`${JSON.stringify(line)}\n`);
    } else if (cause !== undefined) this.#terminal.err(errorText(cause));
    else
      this.#terminal.err(
        url === undefined ? 'the tailnet address is gone; waiting for one\n' : `now listening on ${url}\n`,
      );
  }

  #say({ wish, state, ended }: Pick<ExposureView, 'wish' | 'state' | 'ended'>): void {
    switch (state.status) {
      case 'active': {
        const who = state.mode === 'serve' ? 'your tailnet' : 'anyone on the internet';
        const end = wish.untilMs === undefined ? '' : ` until ${new Date(wish.untilMs).toLocaleTimeString()}`;
        return this.#terminal.out(`open to ${who} at ${state.url}${end}\n`);
      }
      case 'waiting':
        return this.#terminal.err(`gangway: ${describeError(state.cause).title}; trying again\n`);
      case 'failed':
        return this.#terminal.err(errorText(state.cause));
      case 'off':
        return this.#terminal.out(`closed to others${ended === undefined ? '' : `. ${endSentence(ended)}`}\n`);
      case 'opening':
      case 'closing':
        return;
    }
  }
}
