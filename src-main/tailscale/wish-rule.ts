import { isDeepStrictEqual } from 'node:util';

import type { ExposureMode, ExposureWish } from '../contract/exposure.ts';

/** What was said about who can reach a gateway, before anybody switches it. */
export interface Said {
  /** In the configuration file. */
  readonly mode: ExposureMode;
  readonly port: number;
  /** On the command line of this run; absent where it says nothing. */
  readonly given: ExposureMode | undefined;
}

/** Whoever speaks about it. */
export type Word =
  /** `remembered`: what was so when the run before was interrupted, and what was said then. */
  | {
      readonly type: 'started';
      readonly said: Said;
      readonly remembered: { readonly wish: ExposureWish; readonly said: Said } | undefined;
    }
  /** The configuration was read again, whatever was changed in it. */
  | { readonly type: 'edited'; readonly before: Said; readonly after: Said; readonly now: ExposureWish }
  /** A person has switched it while it ran. */
  | { readonly type: 'switched'; readonly to: ExposureWish };

/**
 * The wish that counts: the newest word of a person. A switch is newer than the file, an edit of the file newer than the
 * switch and than the command line, and the command line newer than the file as it was at the start. What a crash has
 * interrupted goes on only where nothing else was said since. `--tailscale off` is for the whole run: it closes what was
 * remembered, and no edit of the file opens it.
 */
export function wishAfter(word: Word): ExposureWish {
  switch (word.type) {
    case 'started': {
      const { said, remembered } = word;
      const goesOn = remembered !== undefined && said.given !== 'off' && isDeepStrictEqual(remembered.said, said);
      return goesOn ? remembered.wish : { mode: said.given ?? said.mode, port: said.port, untilMs: undefined };
    }
    case 'edited': {
      const { before, after, now } = word;
      const isNews = before.mode !== after.mode || before.port !== after.port;
      return isNews && after.given !== 'off' ? { mode: after.mode, port: after.port, untilMs: undefined } : now;
    }
    case 'switched':
      return word.to;
  }
}

/** What is so where nobody has switched anything. */
export function modeOf({ mode, given }: Said): ExposureMode {
  return given ?? mode;
}
