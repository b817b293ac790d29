import { channelsStatus, configGet } from './config.ts';
import { health } from './health.ts';
import type { Method } from './method.ts';
import { status } from './status.ts';
import { lastHeartbeat, systemInfo, systemPresence } from './system.ts';

/** Every method of this gateway. `hello-ok.features.methods` is its keys, so nothing is promised that is not here. */
export const METHODS: Readonly<Record<string, Method>> = {
  health,
  status,
  'system-presence': systemPresence,
  'last-heartbeat': lastHeartbeat,
  'system.info': systemInfo,
  'config.get': configGet,
  'channels.status': channelsStatus,
};
