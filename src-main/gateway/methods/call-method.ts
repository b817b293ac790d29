import { AppError, describeError } from '../../contract/errors.ts';
import type { Logger } from '../../platform/ports.ts';
import { describeIssue, type ErrorShape, type RequestFrame } from '../protocol/frames.ts';
import { grants } from '../protocol/scopes.ts';
import { MethodError } from './method-error.ts';
import type { Caller, GatewayState } from './method.ts';
import { METHODS } from './table.ts';

export type MethodOutcome =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: ErrorShape; readonly payload?: unknown };

export interface CallContext {
  readonly state: GatewayState;
  readonly log: Logger;
  readonly scopes: readonly string[];
  readonly caller: Caller;
}

/** Answers one request. Scope is checked before existence, so that a stranger learns nothing of what there is. */
export async function callMethod(
  { method: name, params }: RequestFrame,
  { state, log, scopes, caller }: CallContext,
): Promise<MethodOutcome> {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  const scope = method?.scope ?? 'operator.admin';
  if (method?.openToProbes !== true && !grants(scopes, scope)) return missingScope(scope);
  if (method === undefined) return failed({ code: 'INVALID_REQUEST', message: `unknown method: ${name}` });
  const checked = method.params.safeParse(params);
  if (!checked.success) {
    const message = `invalid ${name} params: ${describeIssue(checked.error)}`;
    return failed({ code: 'INVALID_REQUEST', message });
  }
  try {
    return { ok: true, payload: await method.run(state, checked.data, caller) };
  } catch (error) {
    if (!(error instanceof MethodError)) log.error('a method failed', { method: name, error });
    return toOutcome(error);
  }
}

function missingScope(scope: string): MethodOutcome {
  const details = { code: 'MISSING_SCOPE', missingScope: scope, requiredScopes: [scope] };
  return failed({ code: 'FORBIDDEN', message: `missing scope: ${scope}`, details });
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
