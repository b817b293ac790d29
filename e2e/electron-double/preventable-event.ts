/** The first argument of an event that a listener may forbid. */
export interface PreventableEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

export function preventableEvent<T extends object>(details: T): T & PreventableEvent {
  let prevented = false;
  const event = Object.create(null, {
    defaultPrevented: { get: () => prevented, enumerable: true },
    preventDefault: { value: () => void (prevented = true) },
  }) as PreventableEvent;
  return Object.assign(event, details);
}
