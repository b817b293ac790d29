import type { ReactNode } from 'react';

import type { ExposureMode } from '../../../src-main/contract/exposure.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { MODE_LABEL } from './exposure-words.ts';

const GLYPHS = { off: 'off', serve: 'exposed', funnel: 'public' } as const;
const MODES = ['off', 'serve', 'funnel'] as const;

interface ModeSwitchProps {
  readonly chosen: ExposureMode;
  /** What is wanted now, and whether it is so. */
  readonly current: ExposureMode;
  readonly isOn: boolean;
  readonly onChoose: (mode: ExposureMode) => void;
}

/** Choosing changes nothing: it shows what would change. */
export function ModeSwitch({ chosen, current, isOn, onChoose }: ModeSwitchProps): ReactNode {
  return (
    <fieldset className="seg modes" role="radiogroup" aria-label="Tailscale">
      {MODES.map((mode) => (
        <label key={mode}>
          <input type="radio" name="exposure" checked={mode === chosen} onChange={() => onChoose(mode)} />
          <Glyph name={GLYPHS[mode]} />
          <span>
            {MODE_LABEL[mode]}{' '}
            {mode === current && mode !== 'off' ? <small>{isOn ? 'on now' : 'wanted'}</small> : undefined}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
