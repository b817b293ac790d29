import { join } from 'node:path';

import { z } from 'zod';

import { tailLog } from '../server/log-tail.ts';
import { defineMethod } from './method.ts';

const NoParams = z.object({}).prefault({});

export const diagnosticsStability = defineMethod({
  scope: 'operator.read',
  params: z.object({ limit: z.int().min(1).max(1_000).optional(), type: z.string().optional() }).prefault({}),
  run: ({ stability, nowMs }, { limit = 100, type }) => ({
    generatedAt: new Date(nowMs()).toISOString(),
    ...stability.read({ limit, type }),
  }),
});

export const logsTail = defineMethod({
  scope: 'operator.read',
  params: z
    .object({
      cursor: z.int().min(0).optional(),
      limit: z.int().min(1).max(5_000).optional(),
      maxBytes: z.int().min(1).max(1_000_000).optional(),
    })
    .prefault({}),
  run: ({ options }, { cursor, limit = 500, maxBytes = 250_000 }) =>
    tailLog(join(options.home, 'logs', 'gateway.log'), { cursor, limit, maxBytes }),
});

export const gatewayIdentity = defineMethod({
  scope: 'operator.read',
  params: NoParams,
  run: ({ identity }) => ({ deviceId: identity.deviceId, publicKey: identity.publicKey }),
});

/** Updates come with the desktop app or the package of the server; a gateway does not replace itself. */
export const updateStatus = defineMethod({
  scope: 'operator.admin',
  params: z.object({ refreshCheckout: z.boolean().optional() }).prefault({}),
  run: () => ({
    sentinel: null,
    updateAvailable: null,
    effectiveChannel: 'stable',
    schedule: { channel: 'stable', autoEnabled: false },
  }),
});

export const restartPreflight = defineMethod({
  scope: 'operator.read',
  params: NoParams,
  run: ({ runs }) => {
    const active = runs.activeCount;
    return {
      safe: active === 0,
      counts: {
        queueSize: 0,
        pendingReplies: 0,
        embeddedRuns: active,
        cronRuns: 0,
        backgroundExecSessions: 0,
        rootRequests: 0,
        activeTasks: 0,
        totalActive: active,
      },
      blockers: active === 0 ? [] : [{ kind: 'embedded-run', count: active }],
      summary: active === 0 ? 'safe to restart now' : `${active} answers are being given`,
    };
  },
});

const NO_USAGE = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  totalCost: 0,
  inputCost: 0,
  outputCost: 0,
  cacheReadCost: 0,
  cacheWriteCost: 0,
  missingCostEntries: 0,
};

/** No agent here costs anything yet, so the days are truly empty. */
export const usageCost = defineMethod({
  scope: 'operator.read',
  params: z.object({ days: z.int().min(1).max(366).optional() }).prefault({}),
  run: ({ nowMs }, { days = 30 }) => ({ updatedAt: nowMs(), days, daily: [], totals: NO_USAGE }),
});
