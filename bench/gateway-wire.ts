import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Bytes of a WebSocket frame that every client must mask (RFC 6455, 5.3); a mask of zeros leaves the text as it is. */
const NO_MASK = Buffer.alloc(4);
const OPCODE_TEXT = 1;
const OPCODE_CLOSE = 8;

interface GatewayAddress {
  readonly port: number;
  readonly token: string;
}

/**
 * A client of the gateway protocol that costs next to nothing, so that it is the gateway that is measured: frames are
 * counted, not parsed, and what is sent was built once. The owner calls `close`.
 */
export class GatewayWire {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #onAnswer: ((start: string) => void) | undefined;
  isOpen = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', () => undefined);
    socket.once('close', () => (this.isOpen = false));
  }

  /** @throws Error when the gateway does not let it in. */
  static async open({ port, token }: GatewayAddress): Promise<GatewayWire> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const wire = new GatewayWire(socket);
    await once(socket, 'connect');
    const upgraded = new Promise<string>((resolve) => (wire.#onAnswer = resolve));
    socket.write(
      [
        'GET / HTTP/1.1',
        `Host: 127.0.0.1:${port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${Buffer.from('gateway-bench-16').toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    );
    const answer = await Promise.race([upgraded, once(socket, 'close').then(() => 'closed')]);
    if (!answer.startsWith('HTTP/1.1 101')) throw new Error(`The gateway did not upgrade: ${answer.slice(0, 60)}`);
    const hello = await wire.call(frameOf(connectRequest(token)));
    if (!hello.includes('"ok":true')) throw new Error(`The gateway did not let us in: ${hello}`);
    return wire;
  }

  /** Sends a frame and resolves with the first bytes of the answer. */
  call(frame: Buffer): Promise<string> {
    const answer = new Promise<string>((resolve, reject) => {
      this.#onAnswer = resolve;
      this.#socket.once('close', () => reject(new Error('The gateway closed the connection')));
    });
    this.#socket.write(frame);
    return answer;
  }

  /** Sends the frame again whenever it has been answered, until told to stop. Tells each round trip, milliseconds. */
  async hammer(frame: Buffer, onRoundTrip: (ms: number) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.once('close', () => reject(new Error('The gateway closed the connection')));
    let sentAtMs = performance.now();
    this.#onAnswer = () => {
      const nowMs = performance.now();
      if (!onRoundTrip(nowMs - sentAtMs)) return resolve();
      sentAtMs = nowMs;
      this.#socket.write(frame);
    };
    this.#socket.write(frame);
    await promise;
    this.#onAnswer = undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    if (this.#buffer.length >= 5 && this.#buffer.toString('latin1', 0, 5) === 'HTTP/') return this.#receivedHead();
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      if (frame.opcode === OPCODE_CLOSE) this.#socket.destroy();
      // Events come in between; an answer begins with its type.
      if (frame.opcode === OPCODE_TEXT && frame.start.startsWith('{"type":"res"')) this.#onAnswer?.(frame.start);
    }
  }

  #receivedHead(): void {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#buffer.toString('latin1', 0, end);
    this.#buffer = this.#buffer.subarray(end + 4);
    this.#onAnswer?.(head);
  }

  #next(): { readonly opcode: number; readonly start: string } | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    const short = (buffer[1] ?? 0) & 0x7f;
    const header = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (buffer.length < header) return undefined;
    const length = short === 127 ? Number(buffer.readBigUInt64BE(2)) : short === 126 ? buffer.readUInt16BE(2) : short;
    if (buffer.length < header + length) return undefined;
    this.#buffer = buffer.subarray(header + length);
    const start = buffer.toString('utf8', header, header + Math.min(length, 200));
    return { opcode: (buffer[0] ?? 0) & 0x0f, start };
  }
}

/** A frame of a client, ready to be sent again and again. */
export function frameOf(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const head = text.length < 126 ? Buffer.from([0x81, 0x80 | text.length]) : Buffer.alloc(4);
  if (text.length >= 126) {
    head.writeUInt16BE(0x81fe);
    head.writeUInt16BE(text.length, 2);
  }
  return Buffer.concat([head, NO_MASK, text]);
}

function connectRequest(token: string): unknown {
  const client = { id: 'gateway-client', mode: 'backend', version: '0.0.0', platform: process.platform };
  const params = { minProtocol: 4, maxProtocol: 4, client, role: 'operator', scopes: ['operator.read'], caps: [] };
  return { type: 'req', id: 'connect', method: 'connect', params: { ...params, auth: { token } } };
}
