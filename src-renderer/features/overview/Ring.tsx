import type { ReactNode } from 'react';

import { useNow } from '../../stores/app-context.ts';
import { countdown, secondsUntil } from '../../ui/time-text.ts';

const RADIUS = 32;
const ROUND = 2 * Math.PI * RADIUS;
/** The longest usual wait: a full ring. Longer ones stay full until their last 30 s. */
const FULL_S = 30;

/** The time until the next try. Steps once a second; not read aloud. */
export function Ring({ untilMs }: { readonly untilMs: number }): ReactNode {
  const seconds = secondsUntil(untilMs, useNow());
  const [figure = '', unit = ''] = seconds < 100 ? [String(seconds), 's'] : [countdown(seconds).split(' ')[0]];
  const rest = (Math.min(seconds, FULL_S) / FULL_S) * ROUND;
  return (
    <div className="ring" role="timer" aria-live="off" aria-label={`Next try in ${countdown(seconds)}`}>
      <svg viewBox="0 0 72 72" aria-hidden>
        <circle className="bed" cx="36" cy="36" r={RADIUS} fill="none" strokeWidth="4" />
        {rest === 0 ? undefined : (
          <circle
            className="rest"
            cx="36"
            cy="36"
            r={RADIUS}
            fill="none"
            strokeWidth="4"
            strokeLinecap="round"
            strokeDasharray={`${rest.toFixed(1)} 300`}
            transform="rotate(-90 36 36)"
          />
        )}
      </svg>
      <b aria-hidden className={unit === '' ? 'long' : undefined}>
        {figure}
        <small>{unit}</small>
      </b>
    </div>
  );
}
