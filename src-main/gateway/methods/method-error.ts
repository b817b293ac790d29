import type { ErrorShape } from '../protocol/frames.ts';

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
