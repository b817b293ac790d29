import type { Codec, References } from '../codec.ts';

type Side = 'main' | 'isolated';
type Callable = (...args: unknown[]) => unknown;

/** Makes a codec in the world the bridge runs in, which knows the class only under a local name. */
type CodecFactory = (references: References) => Codec;

/**
 * One end of contextBridge. Events on `window` cross from one JavaScript world to the other, objects
 * do not: values travel as text, functions and promises as numbers that stand for them.
 *
 * The class is sent to Chromium as text, so it may use nothing of this module's scope.
 */
export class WorldBridge {
  readonly #token: string;
  readonly #other: Side;
  readonly #codec: Codec;
  // Taken before any script of the page runs and could replace them.
  readonly #dispatchEvent = window.dispatchEvent.bind(window);
  readonly #Event = CustomEvent;
  readonly #own = new Map<number, unknown>();
  readonly #promised = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #reply = '';
  #onMessage: (kind: string, value: unknown) => void = () => undefined;

  constructor(token: string, side: Side, createCodec: CodecFactory) {
    this.#token = token;
    this.#other = side === 'main' ? 'isolated' : 'main';
    this.#codec = createCodec({
      toReference: (value) => this.#lend(value),
      fromReference: (reference) => this.#standIn(reference as [number, string]),
    });
    window.addEventListener(token + side, (event) => {
      const [kind, text] = JSON.parse((event as CustomEvent<string>).detail) as [string, string];
      this.#receive(kind, text);
    });
  }

  onMessage(listener: (kind: string, value: unknown) => void): void {
    this.#onMessage = listener;
  }

  send(kind: string, value: unknown): void {
    this.#dispatch(kind, this.#codec.encode(value));
  }

  #dispatch(kind: string, text: string): void {
    this.#dispatchEvent(new this.#Event(this.#token + this.#other, { detail: JSON.stringify([kind, text]) }));
  }

  #lend(value: object): [number, string] {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#own.set(id, value);
    if (!(value instanceof Promise)) return [id, 'function'];
    value.then(
      (result: unknown) => this.send('settle', [id, true, result]),
      (error: unknown) => this.send('settle', [id, false, error]),
    );
    return [id, 'promise'];
  }

  #standIn([id, kind]: [number, string]): unknown {
    if (kind === 'function') return (...args: unknown[]) => this.#call(id, args);
    const promised = Promise.withResolvers<unknown>();
    this.#promised.set(id, promised);
    return promised.promise;
  }

  /** Events are dispatched synchronously, so the reply is there when the dispatch returns. */
  #call(id: number, args: unknown[]): unknown {
    this.send('call', [id, args]);
    const [isDone, value] = this.#codec.decode(this.#reply) as [boolean, unknown];
    if (!isDone) throw value;
    return value;
  }

  #receive(kind: string, text: string): void {
    if (kind === 'return') {
      this.#reply = text;
      return;
    }
    const value = this.#codec.decode(text);
    if (kind === 'call') this.#answer(value as [number, unknown[]]);
    else if (kind === 'settle') this.#settle(value as [number, boolean, unknown]);
    else this.#onMessage(kind, value);
  }

  #answer([id, args]: [number, unknown[]]): void {
    this.#dispatch('return', this.#outcome(this.#own.get(id) as Callable, args));
  }

  #outcome(action: Callable, args: unknown[]): string {
    try {
      return this.#codec.encode([true, action(...args)]);
    } catch (error) {
      return this.#codec.encode([false, error]);
    }
  }

  #settle([id, isDone, value]: [number, boolean, unknown]): void {
    const promised = this.#promised.get(id);
    this.#promised.delete(id);
    if (isDone) promised?.resolve(value);
    else promised?.reject(value);
  }
}
