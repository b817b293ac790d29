import { EventEmitter } from 'node:events';

interface ParentMessage {
  readonly data: unknown;
  readonly ports: readonly never[];
}

/** `process.parentPort` in a utility child: messages wait until somebody listens, as on a MessagePort. */
class ParentPort extends EventEmitter implements Pick<Electron.ParentPort, 'postMessage'> {
  readonly #waiting: ParentMessage[] = [];

  constructor() {
    super();
    this.on('newListener', () => queueMicrotask(() => this.#flush()));
  }

  receive(data: unknown): void {
    this.#waiting.push({ data, ports: [] });
    this.#flush();
  }

  postMessage(data: unknown): void {
    process.send?.({ data });
  }

  start(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.listenerCount('message') === 0) return;
    for (const message of this.#waiting.splice(0)) this.emit('message', message);
  }
}

const parentPort = new ParentPort();

delete process.env['EDOUBLE_UTILITY'];
process.on('message', ({ data }: { data: unknown }) => parentPort.receive(data));
// The other end closes even when the double is killed: no child may outlive it.
process.once('disconnect', () => process.exit(1));
Object.defineProperties(process, { type: { value: 'utility' }, parentPort: { value: parentPort } });

export { parentPort };
export const net = { fetch: globalThis.fetch };
