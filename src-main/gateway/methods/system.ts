import { statfs } from 'node:fs/promises';
import { arch, cpus, freemem, loadavg, platform, release, totalmem, type } from 'node:os';
import { dirname } from 'node:path';

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
  run: async (state) => ({
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
    ...(await diskOf(dirname(state.database.file))),
  }),
};

/** The disk that the state is on; nothing where the system does not tell. */
async function diskOf(diskPath: string): Promise<Record<string, unknown>> {
  const disk = await statfs(diskPath).catch(() => undefined);
  if (disk === undefined) return {};
  const { bsize, blocks, bavail } = disk;
  return { diskPath, diskTotalBytes: bsize * blocks, diskAvailableBytes: bsize * bavail };
}
