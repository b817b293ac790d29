import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

import type { Files, ProgramRunner, Uptime } from './ports.ts';

export interface UptimeSources {
  readonly files: Pick<Files, 'read'>;
  readonly runner: ProgramRunner;
  readonly platform: NodeJS.Platform;
}

const LIMIT_MS = 5_000;

/**
 * How long this computer has been running, sleep included: libuv takes `/proc/uptime` on Linux, `kern.boottime` on macOS
 * and `GetTickCount64` on Windows, https://docs.libuv.org/en/v1.x/misc.html#c.uv_uptime
 */
export function createNodeUptime(sources: UptimeSources): Uptime {
  const atStartMs = performance.now();
  const startMs = uptime() * 1_000;
  let boot: Promise<string | undefined> | undefined;
  return {
    // Where the system counts from a time of day that was set, the time of this process still goes on.
    upMs: () => Math.max(uptime() * 1_000, startMs + performance.now() - atStartMs),
    bootId: () => (boot ??= readBootId(sources)),
  };
}

async function readBootId({ files, runner, platform }: UptimeSources): Promise<string | undefined> {
  const text = await (
    platform === 'linux' ? files.read('/proc/sys/kernel/random/boot_id') : askDarwin(runner, platform)
  ).catch(() => undefined);
  const id = text?.trim();
  return id === undefined || id === '' ? undefined : id;
}

async function askDarwin(runner: ProgramRunner, platform: NodeJS.Platform): Promise<string | undefined> {
  if (platform !== 'darwin') return undefined;
  const { exitCode, stdout } = await runner.run('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], {
    timeoutMs: LIMIT_MS,
  });
  return exitCode === 0 ? stdout : undefined;
}
