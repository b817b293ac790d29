import { fail, type AppError } from '../contract/errors.ts';
import type { Forward } from '../contract/tunnel.ts';
import type { SshRoute } from '../config/settings-schema.ts';

const MAX_FORWARDS = 32;

type Route = Pick<SshRoute, 'localPort' | 'forwards'>;

/** @throws AppError `app/input-invalid` when the gateway uses the local port already */
export function withForward({ localPort, forwards }: Route, added: Forward): readonly Forward[] {
  const refuse = (problem: string): AppError => fail('app/input-invalid', { call: 'gateway.add-forward', problem });
  if (added.localPort === localPort) throw refuse(`Port ${localPort} leads to the gateway itself`);
  if (forwards.some((forward) => forward.localPort === added.localPort)) {
    throw refuse(`Port ${added.localPort} is forwarded already`);
  }
  if (forwards.length >= MAX_FORWARDS) throw refuse(`A gateway has ${MAX_FORWARDS} forwards at most`);
  return [...forwards, added];
}

/** @throws AppError `app/input-invalid` when there is no such forward */
export function withoutForward({ forwards }: Route, localPort: number): readonly Forward[] {
  const left = forwards.filter((forward) => forward.localPort !== localPort);
  if (left.length < forwards.length) return left;
  throw fail('app/input-invalid', { call: 'gateway.remove-forward', problem: `Port ${localPort} is not forwarded` });
}
