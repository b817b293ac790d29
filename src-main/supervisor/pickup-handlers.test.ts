import { expect, it } from 'vitest';

import type { SettingsStore } from '../config/settings-store.ts';
import { toErrorInfo } from '../contract/errors.ts';
import type { GatewayId, Snapshot } from '../contract/snapshot.ts';
import { pickupHandlers } from './pickup-handlers.ts';
import type { Errand, PickupService } from './pickup.ts';

const id = 'g-studio' as GatewayId;

function setUp(pickup: Partial<PickupService>) {
  const stored: string[] = [];
  const rebuilt: GatewayId[] = [];
  const retried: GatewayId[] = [];
  const record = { id, name: 'Studio', kind: 'ssh', target: 'studio' };
  const handlers = pickupHandlers(
    {
      settings: { current: { gateways: [record] } } as unknown as SettingsStore,
      secrets: {
        get: async () => undefined,
        set: async (_name, value) => void stored.push(value),
        delete: async () => {},
      },
      tokenNameOf: () => 'gateway.g-studio.token',
      pickup: pickup as PickupService,
    },
    {
      snapshot: () => ({ gateways: [] }) as unknown as Snapshot,
      apply: async () => {},
      rebuild: async (gateway) => void rebuilt.push(gateway),
      setForwards: async () => {},
      retry: (gateway) => void retried.push(gateway),
      linkOf: () => undefined,
      pinOf: () => undefined,
      signIn: () => undefined,
    },
  );
  return { handlers, stored, rebuilt, retried };
}

it('stores the token that was fetched and connects with it', async () => {
  const { handlers, stored, rebuilt } = setUp({ fetchToken: async () => 'fetched' });
  await handlers['pickup.run']({ id, what: 'token' });
  expect([stored, rebuilt]).toEqual([['fetched'], [id]]);
});

it('tries again once this device was approved', async () => {
  const { handlers, retried } = setUp({ approve: async () => {} });
  await handlers['pickup.run']({ id, what: 'approval' });
  expect(retried).toEqual([id]);
});

it('keeps nothing when the person takes the consent back, however late the answer', async () => {
  const answer = Promise.withResolvers<string>();
  let asked: Errand | undefined;
  const { handlers, stored, rebuilt } = setUp({
    fetchToken: (errand) => {
      asked = errand;
      return answer.promise;
    },
  });
  const run = handlers['pickup.run']({ id, what: 'token' }).catch(toErrorInfo);
  await handlers['pickup.cancel']({ id });
  expect(asked?.signal.aborted).toBe(true);
  answer.resolve('too late');
  expect(await run).toMatchObject({ code: 'gateway/pickup-failed', params: { reason: 'cancelled' } });
  expect([stored, rebuilt]).toEqual([[], []]);
});

it('knows no gateway that is not reached over SSH', async () => {
  const { handlers } = setUp({});
  const other = handlers['pickup.run']({ id: 'local' as GatewayId, what: 'token' });
  expect(await other.catch(toErrorInfo)).toMatchObject({ code: 'gateway/unknown' });
});
