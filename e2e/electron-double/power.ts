import { controls } from './controls.ts';
import { strict, strictEmitter } from './strict.ts';

/** A test plays the system: `powerMonitor.emit('suspend')`, `resume`, `lock-screen`, `unlock-screen`. */
export const powerMonitor = strictEmitter<Electron.PowerMonitor>('powerMonitor', {
  getSystemIdleState: () => 'active',
  getSystemIdleTime: () => 0,
  isOnBatteryPower: () => controls.state.onBattery,
  get onBatteryPower() {
    return controls.state.onBattery;
  },
});

const blockers = new Set<number>();
let lastBlocker = 0;

export const powerSaveBlocker = strict<Electron.PowerSaveBlocker>('powerSaveBlocker', {
  start: () => {
    lastBlocker += 1;
    blockers.add(lastBlocker);
    return lastBlocker;
  },
  stop: (id) => blockers.delete(id),
  isStarted: (id) => blockers.has(id),
});
