/** Ends an exhaustive `switch`. A new union member that is not handled fails to compile here. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}
