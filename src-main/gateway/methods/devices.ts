import { z } from 'zod';

import type { DeviceRecord, Role } from '../devices/device-record.ts';
import { deviceView, requestView } from '../devices/device-views.ts';
import { grantsAll, withIncluded } from '../protocol/scopes.ts';
import { invalid } from './method-error.ts';
import { defineMethod, type Caller, type GatewayState } from './method.ts';

const Id = z.string().min(1).max(200);
const RoleName = z.enum(['operator', 'node']);
const scope = 'operator.pairing';

export const devicePairList = defineMethod({
  scope,
  params: z.strictObject({}).optional(),
  run: ({ devices, isDeviceConnected }) => ({
    pending: devices.all.flatMap((record) => (record.request ? [requestView(record, record.request)] : [])),
    paired: devices.all.flatMap((record) => {
      const view = deviceView(record);
      if (view === undefined) return [];
      return [{ ...view, lastSeenAtMs: record.lastSeenAtMs, connected: isDeviceConnected(record.deviceId) }];
    }),
  }),
});

export const devicePairApprove = defineMethod({
  scope,
  params: z.strictObject({ requestId: Id }),
  run: async (state, { requestId }, caller) => {
    const { record, request } = requestOf(state, requestId);
    // Nobody can give away what they do not have.
    if (request.roles.includes('node') && !caller.scopes.includes('operator.admin')) {
      throw invalid('device pairing approval denied');
    }
    const lacking = request.scopes.find((wanted) => !grantsAll(caller.scopes, [wanted]));
    if (lacking !== undefined) throw invalid(`missing scope: ${lacking}`);
    return { requestId, device: deviceView(await state.devices.approve(record, request)) };
  },
});

export const devicePairReject = defineMethod({
  scope,
  params: z.strictObject({ requestId: Id }),
  run: async (state, { requestId }) => {
    const { record, request } = requestOf(state, requestId);
    await state.devices.reject(record, request);
    return { requestId, deviceId: record.deviceId };
  },
});

export const devicePairRemove = defineMethod({
  scope,
  params: z.strictObject({ deviceId: Id }),
  run: async ({ devices }, { deviceId }) => {
    if (devices.find(deviceId) === undefined) throw invalid('unknown deviceId');
    await devices.remove(deviceId);
    return { deviceId };
  },
});

export const devicePairRename = defineMethod({
  scope,
  params: z.strictObject({ deviceId: Id, label: z.string().trim().min(1).max(64) }),
  run: async ({ devices }, { deviceId, label }) => {
    const record = devices.find(deviceId);
    if (record === undefined) throw invalid('unknown deviceId');
    await devices.rename(record, label);
    return { deviceId, label };
  },
});

export const deviceTokenRotate = defineMethod({
  scope,
  params: z.strictObject({ deviceId: Id, role: RoleName, scopes: z.array(z.string().max(200)).max(100).optional() }),
  run: async ({ devices }, { deviceId, role, scopes: wanted }, caller) => {
    const record = devices.find(deviceId);
    const scopes = record && scopesAfterRotation(record, { role, wanted }, caller);
    if (record === undefined || scopes === undefined) throw invalid('device token rotation denied');
    const { tokens } = await devices.rotate(record, role, scopes);
    const isOwn = caller.hasDeviceToken && caller.deviceId === deviceId;
    return {
      deviceId,
      role,
      scopes,
      rotatedAtMs: tokens[role]?.rotatedAtMs,
      // A new token is for the device alone: whoever else asked for it must not be able to be that device.
      ...(isOwn
        ? { token: devices.tokenOf(deviceId, role)?.token, tokenDelivery: 'in-band' }
        : { tokenDelivery: 'withheld-cross-device' }),
    };
  },
});

export const deviceTokenRevoke = defineMethod({
  scope,
  params: z.strictObject({ deviceId: Id, role: RoleName }),
  run: async ({ devices }, { deviceId, role }) => {
    const record = devices.find(deviceId);
    if (record?.tokens[role] === undefined) throw invalid('device token revocation denied');
    const { tokens } = await devices.revoke(record, role);
    return { deviceId, role, revokedAtMs: tokens[role]?.revokedAtMs };
  },
});

function requestOf({ devices }: GatewayState, requestId: string) {
  const record = devices.findRequest(requestId);
  if (record?.request === undefined) throw invalid('unknown requestId');
  return { record, request: record.request };
}

/** What the new token opens; `undefined` when the device has no such role, or the caller less than the token. */
function scopesAfterRotation(
  { approval, tokens }: DeviceRecord,
  { role, wanted }: { readonly role: Role; readonly wanted: readonly string[] | undefined },
  caller: Caller,
): readonly string[] | undefined {
  const before = tokens[role];
  if (approval === undefined || before === undefined || before.revokedAtMs !== undefined) return undefined;
  const scopes = wanted === undefined ? before.scopes : withIncluded(wanted);
  return grantsAll(approval.scopes, scopes) && grantsAll(caller.scopes, scopes) ? scopes : undefined;
}
