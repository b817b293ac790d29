import type { ElectronApplication } from '@playwright/test';

export type PowerEvent = 'lock-screen' | 'on-ac' | 'on-battery' | 'resume' | 'shutdown' | 'suspend' | 'unlock-screen';

/** Tells the app what the system would tell it. The machine itself does nothing of the kind. */
export async function tellPower(app: ElectronApplication, event: PowerEvent): Promise<void> {
  await app.evaluate(({ powerMonitor }, name) => void powerMonitor.emit(name), event);
}
