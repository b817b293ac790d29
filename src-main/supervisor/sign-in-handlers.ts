import type { CallHandlers } from '../contract/calls.ts';
import { fail } from '../contract/errors.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import type { SignInControl } from './path.ts';

/** Name under which the kept passphrases and passwords of a gateway are in the secret store. */
export const signInName = (id: GatewayId): string => `gateway.${id}.sign-in`;

/** The answers to the calls about signing in. */
export function signInHandlers(signInOf: (id: GatewayId) => SignInControl | undefined) {
  const control = (id: GatewayId): SignInControl => {
    const found = signInOf(id);
    if (found === undefined)
      throw fail('app/input-invalid', { call: 'gateway.answer', problem: 'It asks for nothing' });
    return found;
  };
  return {
    'gateway.answer': ({ id, ...answer }) => control(id).answer(answer),
    'gateway.decline': async ({ id, questionId }) => control(id).decline(questionId),
    'gateway.forget-sign-in': ({ id }) => control(id).forget(),
  } satisfies Partial<CallHandlers>;
}
