import { useEffect, useState } from 'react';

import type { TailnetDevices } from '../../../src-main/contract/exposure.ts';
import { useApp } from '../../stores/app-context.ts';
import { safeCall } from '../../stores/safe-call.ts';

/** The answer grows with the tailnet: once a minute is enough for a number that hardly changes. */
const ASK_AGAIN_MS = 60_000;

/** How many devices there are, asked for while somebody looks and it is open to them; absent where that is not known. */
export function useDevices(isOpenToThem: boolean): TailnetDevices | undefined {
  const { bridge } = useApp();
  const [devices, setDevices] = useState<TailnetDevices>();
  useEffect(() => {
    if (!isOpenToThem) return undefined;
    let isShown = true;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const answer = await safeCall(bridge, 'exposure.devices', undefined);
      // What cannot be said right now is not said from memory.
      if (isShown) setDevices(answer.ok ? answer.value : undefined);
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_AGAIN_MS);
    return () => {
      isShown = false;
      clearInterval(timer);
      setDevices(undefined);
    };
  }, [bridge, isOpenToThem]);
  return isOpenToThem ? devices : undefined;
}
