import { z } from 'zod';

import { fail } from '../contract/errors.ts';
import { openGatewaySession } from '../gateway-client/gateway-session.ts';
import { gatewayHere } from './own-gateway.ts';
import type { NodeSurroundings } from './surroundings.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What is to be done about the devices of the gateway here. */
export type DeviceErrand =
  | { readonly what: 'list' }
  | { readonly what: 'approve' | 'reject'; readonly requestId: string }
  | { readonly what: 'remove'; readonly deviceId: string };

const LIMIT_MS = 15_000;
const ID = /^[A-Za-z0-9][\w-]{0,127}$/;

const Device = z.looseObject({
  deviceId: z.string(),
  displayName: z.string().optional(),
  platform: z.string().optional(),
  roles: z.array(z.string()).catch([]),
  scopes: z.array(z.string()).catch([]),
});
const Devices = z.object({
  pending: z.array(z.looseObject({ ...Device.shape, requestId: z.string() })),
  paired: z.array(Device),
});

/**
 * `gangway gateway devices`: who waits for approval and who is paired, at the gateway of this computer. It signs in with
 * that gateway's own secret: whoever can read it may approve.
 *
 * @throws AppError `app/input-invalid`, `app/not-running`, or what the gateway answers
 */
export async function gatewayDevicesCommand(
  terminal: Terminal,
  around: NodeSurroundings,
  { errand, json }: { readonly errand: DeviceErrand; readonly json: boolean },
): Promise<ExitCode> {
  const { method, params } = requestOf(errand);
  const here = await gatewayHere(around);
  if (here === undefined) throw fail('app/not-running', {});
  const { version, machine } = around;
  const { platform, computer } = machine;
  const session = await openGatewaySession(
    { ...here, gateway: 'This computer', scopes: scopesFor(errand), version, platform, computer, onEvent: () => {} },
    AbortSignal.timeout(LIMIT_MS),
  );
  try {
    const answer = await session.request(method, params, LIMIT_MS);
    const { port } = new URL(here.url);
    if (json) terminal.out(`${JSON.stringify({ port: Number(port), ...Object(answer) })}\n`);
    else terminal.out(errand.what === 'list' ? listText(Devices.parse(answer)) : `${DONE[errand.what]}\n`);
    return EXIT.done;
  } finally {
    await session.close();
  }
}

const DONE = { approve: 'approved', reject: 'rejected', remove: 'removed' } as const;

function requestOf(errand: DeviceErrand): { readonly method: string; readonly params: object } {
  const { what, ...params } = errand;
  for (const id of Object.values(params)) {
    if (!ID.test(id)) throw fail('app/input-invalid', { call: `device.pair.${what}`, problem: 'That is no id' });
  }
  return { method: `device.pair.${what}`, params };
}

/** A gateway lets nobody give away what they do not have. */
function scopesFor({ what }: DeviceErrand): readonly string[] {
  return what === 'approve' ? ['operator.admin'] : ['operator.pairing'];
}

function listText({ pending, paired }: z.infer<typeof Devices>): string {
  const waiting = pending.map((device) => `waits   ${device.requestId}  ${deviceText(device)}\n`);
  const known = paired.map((device) => `paired  ${device.deviceId}  ${deviceText(device)}\n`);
  return [...waiting, ...known].join('') || 'No device waits, and none is paired.\n';
}

function deviceText({ displayName = 'a device without a name', platform = '', roles, scopes }: z.infer<typeof Device>) {
  const as = [...roles, ...scopes].join(', ');
  return `${displayName}${platform === '' ? '' : ` (${platform})`} as ${as}`;
}
