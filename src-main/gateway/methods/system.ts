import { arch, cpus, freemem, loadavg, platform, release, totalmem, type } from 'node:os';

import { z } from 'zod';

import type { Method } from './method.ts';

const NoParams = z.strictObject({}).optional();

export const systemPresence: Method = {
  scope: 'operator.read',
  params: NoParams,
  run: (state) => state.presence(),
};

/** There is no heartbeat yet, so there was none. */
export const lastHeartbeat: Method = {
  scope: 'operator.read',
  params: NoParams,
  run: () => null,
};

export const systemInfo: Method = {
  scope: 'operator.read',
  params: NoParams,
  run: (state) => ({
    machineName: state.computer,
    hostname: state.computer,
    platform: platform(),
    release: release(),
    arch: arch(),
    osLabel: `${type()} ${release()}`,
    port: state.port(),
    nodeVersion: process.version,
    pid: process.pid,
    uptimeMs: state.uptimeMs(),
    cpuCount: cpus().length,
    cpuModel: cpus()[0]?.model ?? '',
    loadAverage: loadavg(),
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
  }),
};
