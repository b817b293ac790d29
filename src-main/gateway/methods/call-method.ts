import type { Logger } from '../../platform/ports.ts';
import { describeIssue, type ErrorShape, type RequestFrame } from '../protocol/frames.ts';
import { grants } from '../protocol/scopes.ts';
import type { GatewayState } from './method.ts';
import { METHODS } from './table.ts';

export type MethodOutcome =
  { readonly ok: true; readonly payload: unknown } | { readonly ok: false; readonly error: ErrorShape };

/** Answers one request. Scope is checked before existence, so that a stranger learns nothing of what there is. */
export async function callMethod(
  { method: name, params }: RequestFrame,
  scopes: readonly string[],
  { state, log }: { readonly state: GatewayState; readonly log: Logger },
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
    return { ok: true, payload: await method.run(state) };
  } catch (error) {
    log.error('a method failed', { method: name, error });
    return failed({ code: 'UNAVAILABLE', message: 'internal error' });
  }
}

function missingScope(scope: string): MethodOutcome {
  const details = { code: 'MISSING_SCOPE', missingScope: scope, requiredScopes: [scope] };
  return failed({ code: 'FORBIDDEN', message: `missing scope: ${scope}`, details });
}

function failed(error: ErrorShape): MethodOutcome {
  return { ok: false, error };
}
