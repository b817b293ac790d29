import { useCallback, useEffect, useState } from 'react';

import type { CallResult } from '../../../src-main/contract/calls.ts';
import type { ExposureMode } from '../../../src-main/contract/exposure.ts';
import { useApp } from '../../stores/app-context.ts';
import { safeCall } from '../../stores/safe-call.ts';

/** What is not well is most likely being mended elsewhere just now. */
const LOOK_AGAIN_MS = 5_000;

interface Asked {
  readonly mode: ExposureMode;
  readonly port: number;
  /** Whatever else the plan depends on: another value asks again. */
  readonly of: string;
}

interface Known {
  readonly key: string;
  /** Which look it was. */
  readonly round: number;
  readonly plan: CallResult<'exposure.plan'>;
}

export interface PlanAsking {
  /** Absent until the first answer. */
  readonly plan: CallResult<'exposure.plan'> | undefined;
  readonly look: () => void;
}

/** Asks what a wish would need and change, and again every few seconds while something is missing. */
export function usePlan({ mode, port, of }: Asked): PlanAsking {
  const { bridge } = useApp();
  const [round, setRound] = useState(0);
  const [known, setKnown] = useState<Known>();
  const key = `${mode} ${port} ${of}`;
  const look = useCallback(() => setRound((count) => count + 1), []);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isShown = true;
    void safeCall(bridge, 'exposure.plan', { mode, port }).then((plan) => {
      if (!isShown) return;
      setKnown({ key, round, plan });
      const isWell = plan.ok && plan.value.checks.every(({ fault }) => fault === undefined);
      if (!isWell) timer = setTimeout(look, LOOK_AGAIN_MS);
    });
    return () => {
      isShown = false;
      clearTimeout(timer);
    };
  }, [bridge, mode, port, key, round, look]);
  return { plan: known?.key === key ? known.plan : undefined, look };
}
