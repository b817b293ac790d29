import type { ErrorShape } from '../protocol/frames.ts';
import { grants, missingScope } from '../protocol/scopes.ts';
import type { Caller } from './method.ts';

/** A refusal in the words of the protocol. `payload` goes beside it where clients look for one. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly shape: ErrorShape;
  readonly payload: unknown;

  constructor(shape: ErrorShape, payload?: unknown) {
    super(shape.message);
    this.shape = shape;
    this.payload = payload;
  }
}

export function invalid(message: string, details?: unknown): MethodError {
  return new MethodError({ code: 'INVALID_REQUEST', message, ...(details !== undefined && { details }) });
}

/** For what a request asks beyond the scope of its method. `required` is all that it takes, told to the client. */
export function requireScope({ scopes }: Caller, scope: string, required: readonly string[] = [scope]): void {
  if (!grants(scopes, scope)) throw new MethodError(missingScope(scope, required));
}
