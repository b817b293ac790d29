import { arch, cpus, freemem, loadavg, platform, release, totalmem, type } from 'node:os';

import { z } from 'zod';

import type { Method } from './method.ts';

const NoParams = z.strictObject({}).optional();

export const systemPresence: Method = {
  scope: 'operator.read',
  params: NoParams,
  run: (state) => state.presence(),
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
    processInstanceId: state.instanceId,
    uptimeMs: state.uptimeMs(),
    cpuCount: cpus().length,
    cpuModel: cpus()[0]?.model ?? '',
    loadAverage: loadavg(),
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
  }),
};
