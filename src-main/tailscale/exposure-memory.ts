import { z } from 'zod';

import type { ExposureWish } from '../contract/exposure.ts';
import type { Files } from '../platform/ports.ts';
import type { ClosingTime, PlacedMoment } from './closing-time.ts';
import type { ClaimSigns } from './leftover.ts';
import type { Said } from './wish-rule.ts';

/** What has to be known after a crash. */
export interface RememberedExposure {
  readonly wish: ExposureWish;
  /** What was left of a wish with an end, when this was written. */
  readonly closing: ClosingTime<PlacedMoment> | undefined;
  /** What is so once a Funnel is closed. */
  readonly before: ExposureWish;
  /** What configuration and command line asked for meanwhile. */
  readonly said: Said;
  /** The program that held the route, or was about to. */
  readonly claim: ClaimSigns | undefined;
}

const Mode = z.enum(['off', 'serve', 'funnel']);
const Route = z.object({ mode: Mode, port: z.int().min(1).max(65_535) });
const Wish = Route.extend({ untilMs: z.number().optional() }).transform(({ mode, port, untilMs }): ExposureWish => ({
  mode,
  port,
  untilMs,
}));
const Closing = z.object({
  untilMs: z.number(),
  leftMs: z.number(),
  at: z.object({ wallMs: z.number(), upMs: z.number(), boot: z.string().optional() }),
  doubt: z.enum(['on-time', 'clock-back', 'clock-ahead', 'clock-unsure']).optional(),
});
const Document = z.object({
  wish: Wish,
  closing: Closing.optional(),
  before: Wish,
  said: Route.extend({ given: Mode.optional() }).transform(({ mode, port, given }): Said => ({ mode, port, given })),
  claim: z.object({ folder: z.string().min(1), target: z.string().min(1) }).optional(),
});

/** One small file, there while a gateway is opened by Tailscale and gone after a clean exit. */
export class ExposureMemory {
  readonly #path: string;
  readonly #files: Files;

  /** @param path absolute */
  constructor(path: string, files: Files) {
    this.#path = path;
    this.#files = files;
  }

  /** `undefined` after a clean exit, and for a file that says nothing: then the configuration counts. */
  async read(): Promise<RememberedExposure | undefined> {
    try {
      const text = await this.#files.read(this.#path);
      if (text === undefined) return undefined;
      const { claim, closing, ...rest } = Document.parse(JSON.parse(text));
      return { ...rest, claim, closing };
    } catch {
      return undefined;
    }
  }

  async write(remembered: RememberedExposure): Promise<void> {
    await this.#files.writeAtomic(this.#path, `${JSON.stringify(remembered)}\n`);
  }

  async forget(): Promise<void> {
    await this.#files.remove(this.#path);
  }
}
