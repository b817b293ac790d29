import type { AppError } from '../contract/errors.ts';
import type { TunnelProbe } from '../contract/tunnel.ts';
import type { Clock } from '../platform/ports.ts';
import type { Link, LinkProbe } from './link.ts';

export interface LineQuestionsOptions {
  readonly clock: Clock;
  /** Whether what is said about this line still matters. */
  readonly isUp: (link: Link) => boolean;
  readonly onProbe: (link: Link, probe: TunnelProbe) => void;
  readonly onWell: (link: Link) => void;
  /** The server owes an answer. */
  readonly onDoubt: (link: Link) => void;
  /** The server has answered, and told of a problem; or its answer shows that the remote port is silent. */
  readonly onProblem: (link: Link, problem: AppError) => void;
  /** A line in doubt is there. */
  readonly onAnswer: (link: Link) => void;
  /** A line in doubt has not said a word. */
  readonly onSilence: (link: Link) => void;
}

export interface Measured extends Pick<LinkProbe, 'problem' | 'isCertain'> {
  readonly probe: TunnelProbe;
}

/**
 * The wait between two probes, a probe and the question after it make less than 10 s: so long after its last sign a
 * server is known to be gone.
 */
export const PROBE_EVERY_MS = 5_000;
export const PROBE_LIMIT_MS = 2_500;
export const ASK_LIMIT_MS = 2_000;
/** Silence of the remote port alone. */
const MISSES_TO_LOSE = 2;

/** Asks a line whether it is there, and makes up its mind about the answers. */
export class LineQuestions {
  readonly #options: LineQuestionsOptions;
  #asked: Link | undefined;
  #misses = 0;

  constructor(options: LineQuestionsOptions) {
    this.#options = options;
  }

  async measure(link: Link, limitMs: number, onSign?: () => void): Promise<Measured> {
    const { sshMs, forwardMs, problem, isCertain } = await link.probe(limitMs, onSign);
    const probe: TunnelProbe = { atMs: this.#options.clock.now(), sshMs, forwardMs };
    this.#options.onProbe(link, probe);
    return { probe, problem, isCertain };
  }

  /** The regular question to a line that seems to be well. */
  async examine(link: Link): Promise<void> {
    await this.#judge(link, await this.measure(link, PROBE_LIMIT_MS));
  }

  /** A quick question to a line in doubt; many who ask at once share it. */
  async ask(link: Link): Promise<void> {
    if (link === this.#asked) return;
    this.#asked = link;
    const answered = () => {
      if (link === this.#asked) this.#options.onAnswer(link);
      this.forget();
    };
    const measured = await this.measure(link, ASK_LIMIT_MS, answered);
    if (link === this.#asked) {
      if (!isSilent(measured)) answered();
      else this.#options.onSilence(link);
      this.forget();
    }
    await this.#judge(link, measured);
  }

  /** What was asked before a sleep is answered too late to be of use. */
  forget(): void {
    this.#asked = undefined;
    this.#misses = 0;
  }

  async #judge(link: Link, measured: Measured): Promise<void> {
    const { problem, isCertain } = measured;
    if (!this.#options.isUp(link)) return;
    this.#misses = problem ? this.#misses + 1 : 0;
    if (!problem) this.#options.onWell(link);
    else if (isSilent(measured)) this.#options.onDoubt(link);
    else if (isCertain || this.#misses >= MISSES_TO_LOSE) this.#options.onProblem(link, problem);
    else await this.examine(link);
  }
}

/** Not even the server itself has answered. */
export function isSilent({ probe, problem, isCertain }: Measured): boolean {
  return problem !== undefined && !isCertain && probe.sshMs === undefined;
}
