import { useEffect } from 'react';

import { useAct, useApp } from '../../stores/app-context.ts';
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
      const chosen = shortcut.type === 'use' ? gateways[shortcut.index] : undefined;
      if (chosen !== undefined && chosen.id !== use) void act('gateway.use', { id: chosen.id });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [bridge, snapshots, apple, act]);
}
