import type { Bridge, CallName, CallResult, Calls } from '../../src-main/contract/calls.ts';
import { toErrorInfo } from '../../src-main/contract/errors.ts';

/** A call that never rejects: a broken channel comes back as data like any other failure. */
export async function safeCall<C extends CallName>(
  bridge: Pick<Bridge, 'call'>,
  name: C,
  input: Calls[C]['input'],
): Promise<CallResult<C>> {
  try {
    return await bridge.call(name, input);
  } catch (error) {
    return { ok: false, error: toErrorInfo(error) };
  }
}
