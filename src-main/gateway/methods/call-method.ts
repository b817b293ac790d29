import { AppError, describeError } from '../../contract/errors.ts';
import type { Logger } from '../../platform/ports.ts';
import { describeIssue, type ErrorShape, type RequestFrame } from '../protocol/frames.ts';
import { grants, missingScope } from '../protocol/scopes.ts';
import { MethodError } from './method-error.ts';
import type { Caller, GatewayState, Scope } from './method.ts';
import { METHODS } from './table.ts';

export type MethodOutcome =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: ErrorShape; readonly payload?: unknown };

export interface CallContext {
  readonly state: GatewayState;
  readonly log: Logger;
  readonly caller: Caller;
}

/** Answers one request: at once what is at hand, so that only what really takes time counts as running. */
export function callMethod(
  { method: name, params }: RequestFrame,
  { state, log, caller }: CallContext,
): MethodOutcome | Promise<MethodOutcome> {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  const refusal = method?.openToProbes === true ? undefined : missingRight(method?.scope ?? 'operator.admin', caller);
  if (refusal !== undefined) return refusal;
  if (method === undefined) return failed({ code: 'INVALID_REQUEST', message: unknownMethod(name) });
  const checked = method.params.safeParse(params);
  if (!checked.success) {
    const message = `invalid ${name} params: ${describeIssue(checked.error)}`;
    return failed({ code: 'INVALID_REQUEST', message });
  }
  const toRefusal = (error: unknown): MethodOutcome => {
    if (!(error instanceof MethodError)) log.error('a method failed', { method: name, error });
    return toOutcome(error);
  };
  try {
    const result = method.run(state, checked.data, caller);
    return result instanceof Promise ? result.then(succeeded, toRefusal) : succeeded(result);
  } catch (error) {
    return toRefusal(error);
  }
}

function unknownMethod(name: string): string {
  return name === 'connect' ? 'connect is only valid as the first request' : `unknown method: ${name}`;
}

/** Right is checked before existence, so that a stranger learns nothing of what there is. */
function missingRight(scope: Scope, { role, scopes }: Caller): MethodOutcome | undefined {
  if ((scope === 'node') !== (role === 'node')) {
    return failed({ code: 'INVALID_REQUEST', message: `unauthorized role: ${role}` });
  }
  return role === 'node' || grants(scopes, scope) ? undefined : failed(missingScope(scope));
}

function succeeded(payload: unknown): MethodOutcome {
  return { ok: true, payload };
}

function toOutcome(error: unknown): MethodOutcome {
  if (error instanceof MethodError) {
    return { ...failed(error.shape), ...(error.payload !== undefined && { payload: error.payload }) };
  }
  if (!(error instanceof AppError)) return failed({ code: 'UNAVAILABLE', message: 'internal error' });
  const { title, body, retry } = describeError(error.info);
  const details = { code: error.info.code };
  return failed({ code: 'UNAVAILABLE', message: `${title}. ${body}`, details, retryable: retry === 'retry' });
}

function failed(error: ErrorShape): MethodOutcome {
  return { ok: false, error };
}
