import { EventEmitter } from 'node:events';

/** Names that promises, JSON, inspectors and assertion libraries look up on any object whatsoever. */
const ASKED_OF_EVERYTHING = new Set<PropertyKey>(['then', 'toJSON', 'nodeType', 'asymmetricMatch', '$$typeof']);

/**
 * A module that knows only what is given: asking for anything else fails loudly and by name, instead
 * of as `undefined is not a function` somewhere later.
 */
export function strict<T extends object>(name: string, part: Partial<T>): T {
  return new Proxy(part, {
    get(target, key, receiver) {
      if (key in target || isAskedOfEverything(key)) return Reflect.get(target, key, receiver) as unknown;
      throw notImplemented(`${name}.${String(key)}`);
    },
  }) as T;
}

/** The same for a module that also emits events. */
export function strictEmitter<T extends object>(name: string, part: Partial<T>): T & EventEmitter {
  const emitter = Object.defineProperties(new EventEmitter(), Object.getOwnPropertyDescriptors(part));
  return strict<T & EventEmitter>(name, emitter as Partial<T & EventEmitter>);
}

/** A proxy at the root of the prototype chain sees exactly the names that no class below it defines. */
function strictRoot<T extends object>(root: T, nameOf: (receiver: object) => string): T {
  return new Proxy(root, {
    get(target, key, receiver: object) {
      if (key in target || isAskedOfEverything(key)) return Reflect.get(target, key, receiver) as unknown;
      throw notImplemented(`${nameOf(receiver)}.${String(key)}`);
    },
  });
}

/** Base of the classes an app makes objects of. Unknown members and unknown static members throw by name. */
export class StrictEmitter extends EventEmitter {}
Object.setPrototypeOf(
  StrictEmitter.prototype,
  strictRoot(EventEmitter.prototype, (receiver) => receiver.constructor.name),
);
Object.setPrototypeOf(
  StrictEmitter,
  strictRoot(EventEmitter, (receiver) => (receiver as { name?: string }).name ?? 'class'),
);

function isAskedOfEverything(key: PropertyKey): boolean {
  // An underscore is never Electron's: EventEmitter and the probe of the tests keep their own fields that way.
  return typeof key === 'symbol' || ASKED_OF_EVERYTHING.has(key) || String(key).startsWith('_');
}

export function notImplemented(what: string): Error {
  return new Error(`electron-double: ${what} is not implemented`);
}
