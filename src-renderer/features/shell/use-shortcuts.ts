import { useEffect } from 'react';

import { afterClosing } from '../../../src-main/contract/exposure.ts';
import { LOCAL_GATEWAY, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp, type Act } from '../../stores/app-context.ts';
import { shortcutOf } from './keys.ts';

/** Switches gateways and tries again by keyboard. Only in the app: a browser keeps these keys for itself. */
export function useShortcuts(): void {
  const { bridge, snapshots, apple } = useApp();
  const act = useAct();
  useEffect(() => {
    if (bridge.surface !== 'app') return undefined;
    const press = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf(event, apple);
      const state = snapshots.getState();
      if (shortcut === undefined || state.status !== 'ready') return;
      event.preventDefault();
      // A question that is open is answered first.
      if (document.querySelector('dialog[open]') !== null) return;
      const { gateways, use } = state.snapshot;
      if (shortcut.type === 'try-now' && use !== undefined) void act('gateway.retry', { id: use });
      if (shortcut.type === 'close-funnel') closeFunnel(gateways, act);
      const chosen = shortcut.type === 'use' ? gateways[shortcut.index] : undefined;
      if (chosen !== undefined && chosen.id !== use) void act('gateway.use', { id: chosen.id });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [bridge, snapshots, apple, act]);
}

/** One key for “nobody on the internet any more”, from every page. */
function closeFunnel(gateways: Snapshot['gateways'], act: Act): void {
  const exposure = gateways.find(({ id }) => id === LOCAL_GATEWAY)?.exposure;
  if (exposure?.wish.mode === 'funnel') void act('exposure.apply', { mode: afterClosing(exposure) });
}
