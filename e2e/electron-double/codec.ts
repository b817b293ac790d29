/** Values that cannot be copied but may be replaced: contextBridge turns functions and promises into stand-ins. */
export interface References {
  /** Called for a function or promise; what it gives must survive JSON. */
  readonly toReference: (value: object) => unknown;
  readonly fromReference: (reference: unknown) => unknown;
}

type Rebuild = (keep: <V extends object>(value: V) => V) => unknown;

/**
 * The structured clone algorithm as a JSON string: cycles and shared objects survive, functions do
 * not, class instances become plain objects.
 *
 * The class is also sent to Chromium as text, so it may use nothing of this module's scope.
 */
export class Codec {
  readonly #references: References | undefined;
  static readonly #binary = [
    'ArrayBuffer',
    'DataView',
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
    'Float32Array',
    'Float64Array',
    'BigInt64Array',
    'BigUint64Array',
  ];

  constructor(references?: References) {
    this.#references = references;
  }

  /** @throws Error with Electron's words when something in `value` cannot be cloned. */
  encode(value: unknown): string {
    const seen = new Map<object, number>();
    const nodes: unknown[] = [];
    const encode = (item: unknown): unknown => {
      if (typeof item !== 'object' && typeof item !== 'function') return this.#encodePrimitive(item);
      if (item === null) return null;
      if (typeof item === 'function' || item instanceof Promise) return this.#encodeReference(item);
      const known = seen.get(item);
      if (known !== undefined) return { r: known };
      const index = nodes.push(null) - 1;
      seen.set(item, index);
      nodes[index] = this.#encodeObject(item, encode);
      return { r: index };
    };
    return JSON.stringify({ root: encode(value), nodes });
  }

  decode(text: string): unknown {
    const { root, nodes } = JSON.parse(text) as { root: unknown; nodes: unknown[][] };
    const done = new Map<number, unknown>();
    const decode = (item: unknown): unknown => {
      if (item === null || typeof item !== 'object') return item;
      if (!('r' in item)) return this.#decodePrimitive(item as Record<string, unknown>);
      const index = item.r as number;
      if (done.has(index)) return done.get(index);
      return this.#decodeObject(
        nodes[index] ?? [],
        decode,
      )((value) => {
        // Before its contents are decoded: they may refer back to it.
        done.set(index, value);
        return value;
      });
    };
    return decode(root);
  }

  #encodePrimitive(value: unknown): unknown {
    if (value === undefined) return { u: 1 };
    if (typeof value === 'bigint') return { b: String(value) };
    if (typeof value === 'symbol') throw this.#uncloneable();
    if (typeof value !== 'number') return value;
    if (Object.is(value, -0)) return { n: '-0' };
    return Number.isFinite(value) ? value : { n: String(value) };
  }

  #decodePrimitive(item: Record<string, unknown>): unknown {
    if ('u' in item) return undefined;
    if ('b' in item) return BigInt(item['b'] as string);
    if ('n' in item) return Number(item['n']);
    return this.#references?.fromReference(item['f']);
  }

  #encodeReference(value: object): unknown {
    if (this.#references === undefined) throw this.#uncloneable();
    return { f: this.#references.toReference(value) };
  }

  #encodeObject(value: object, encode: (item: unknown) => unknown): unknown[] {
    if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) throw this.#uncloneable();
    if (value instanceof Date) return ['Date', value.getTime()];
    if (value instanceof RegExp) return ['RegExp', value.source, value.flags];
    if (value instanceof Error) return ['Error', value.name, value.message, value.stack];
    if (value instanceof Map) return ['Map', [...value].map(([key, item]) => [encode(key), encode(item)])];
    if (value instanceof Set) return ['Set', [...value].map(encode)];
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return this.#encodeBinary(value);
    if (Array.isArray(value)) return ['Array', Array.from(value, encode)];
    return ['Object', Object.entries(value).map(([key, item]) => [key, encode(item)])];
  }

  #encodeBinary(value: ArrayBuffer | ArrayBufferView): unknown[] {
    const bytes =
      value instanceof ArrayBuffer
        ? new Uint8Array(value)
        : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const name = value.constructor.name;
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    // Node's Buffer arrives as the Uint8Array that it is.
    return ['Binary', Codec.#binary.includes(name) ? name : 'Uint8Array', btoa(text)];
  }

  #decodeObject([kind, first, second, third]: readonly unknown[], decode: (item: unknown) => unknown): Rebuild {
    const list = first as readonly unknown[];
    const pairs = first as readonly (readonly [unknown, unknown])[];
    const rebuild: Record<string, Rebuild> = {
      Date: (keep) => keep(new Date(first as number)),
      RegExp: (keep) => keep(new RegExp(first as string, second as string)),
      Error: (keep) => keep(this.#decodeError(first as string, second as string, third as string | undefined)),
      Binary: (keep) => keep(this.#decodeBinary(first as string, second as string)),
      Map: (keep) => {
        const map = keep(new Map());
        for (const [key, item] of pairs) map.set(decode(key), decode(item));
        return map;
      },
      Set: (keep) => {
        const set = keep(new Set());
        for (const item of list) set.add(decode(item));
        return set;
      },
      Array: (keep) => {
        const array = keep([] as unknown[]);
        for (const item of list) array.push(decode(item));
        return array;
      },
      Object: (keep) => {
        const object = keep({});
        // Defined, not assigned: a key `__proto__` stays a key.
        const traits = { enumerable: true, writable: true, configurable: true };
        for (const [key, item] of pairs)
          Object.defineProperty(object, key as string, { value: decode(item), ...traits });
        return object;
      },
    };
    const chosen = rebuild[kind as string];
    if (chosen === undefined) throw new TypeError(`not a clone: ${String(kind)}`);
    return chosen;
  }

  #decodeError(name: string, message: string, stack: string | undefined): Error {
    const error = new Error(message);
    error.name = name;
    if (stack !== undefined) error.stack = stack;
    return error;
  }

  #decodeBinary(name: string, text: string): object {
    const { buffer } = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    if (name === 'ArrayBuffer') return buffer;
    if (!Codec.#binary.includes(name)) throw new TypeError(`not a clone: ${name}`);
    const View = (globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => object>)[name];
    if (View === undefined) throw new TypeError(`not a clone: ${name}`);
    return new View(buffer);
  }

  #uncloneable(): Error {
    return new Error('An object could not be cloned.');
  }
}
