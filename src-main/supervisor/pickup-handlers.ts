import type { CallHandlers, Pickup } from '../contract/calls.ts';
import { fail } from '../contract/errors.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import { sshRecord, type HandlerDeps, type LineControl } from './handlers.ts';
import type { Errand, PickupService } from './pickup.ts';

export interface PickupHandlerDeps extends Pick<HandlerDeps, 'settings' | 'secrets' | 'tokenNameOf'> {
  /** Runs the programs of the other computer. */
  readonly pickup: PickupService;
}

/** What is fetched or done on the other computer. The window or the terminal has asked the person before. */
export function pickupHandlers({ settings, secrets, tokenNameOf, pickup }: PickupHandlerDeps, lines: LineControl) {
  const running = new Map<GatewayId, AbortController>();
  const errandOf = (id: GatewayId, what: Pickup, signal: AbortSignal): Errand => {
    const view = lines.snapshot().gateways.find((gateway) => gateway.id === id);
    const cause = view !== undefined && 'cause' in view.state ? view.state.cause : undefined;
    return { what, route: sshRecord(settings, id), name: view?.name ?? id, cause, link: lines.linkOf(id), signal };
  };
  const carryOut = async (errand: Errand, id: GatewayId): Promise<void> => {
    if (errand.what === 'approval') {
      await pickup.approve(errand);
      return lines.retry(id);
    }
    const token = await pickup.fetchToken(errand);
    if (errand.signal.aborted) {
      throw fail('gateway/pickup-failed', { gateway: errand.name, host: errand.route.target, reason: 'cancelled' });
    }
    await secrets.set(tokenNameOf(id), token);
    await lines.rebuild(id);
  };
  return {
    'pickup.plan': ({ id, what }) => pickup.plan(errandOf(id, what, new AbortController().signal)),
    'pickup.cancel': async ({ id }) => running.get(id)?.abort(),
    'pickup.run': async ({ id, what }) => {
      // Who asks again means the newer one.
      running.get(id)?.abort();
      const abort = new AbortController();
      running.set(id, abort);
      try {
        await carryOut(errandOf(id, what, abort.signal), id);
      } finally {
        if (running.get(id) === abort) running.delete(id);
      }
    },
  } satisfies Partial<CallHandlers>;
}
