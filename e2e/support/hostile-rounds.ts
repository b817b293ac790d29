import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

import { WebSocket } from 'ws';

import { anything, Dice, mutated, onTheWire, request } from './hostile-input.ts';

export interface HostileTarget {
  readonly port: number;
  readonly token: string;
  readonly pid: number;
}

export interface HostileReport {
  /** How often the gateway did what, by kind of input: `frame: INVALID_REQUEST`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What must not be, each with its input. */
  readonly faults: readonly string[];
  readonly sent: number;
  /** Resident memory of the gateway after each tenth, bytes; empty without /proc. */
  readonly residentBytes: readonly number[];
}

const PATIENCE_MS = 10_000;
const SIDE_BY_SIDE = 8;

const CODES = new Set(['INVALID_REQUEST', 'FORBIDDEN', 'UNAVAILABLE', 'NOT_PAIRED']);
const CLOSES = new Set([1000, 1002, 1003, 1005, 1006, 1007, 1008, 1009]);
/** What would change the rules of the run itself. */
const LEFT_OUT = new Set(['config.patch', 'config.set', 'config.apply']);

/** Sends `count` frames and requests that follow from `seed`, and watches what the gateway makes of them. */
export async function hostileRounds(
  target: HostileTarget,
  { seed, count, onProgress }: { seed: number; count: number; onProgress?: (sent: number) => void },
): Promise<HostileReport> {
  const run = new HostileRun(target, new Dice(seed));
  const samples: number[] = [];
  while (run.sent < count) {
    await run.round();
    if (run.sent >= ((samples.length + 1) * count) / 10) samples.push(...(await residentBytes(target.pid)));
    onProgress?.(run.sent);
  }
  await run.proveWell();
  return { outcomes: run.outcomes, faults: run.faults, sent: run.sent, residentBytes: samples };
}

class HostileRun {
  readonly outcomes: Record<string, number> = {};
  readonly faults: string[] = [];
  sent = 0;
  readonly #target: HostileTarget;
  readonly #dice: Dice;
  #methods: readonly string[] = [];

  constructor(target: HostileTarget, dice: Dice) {
    this.#target = target;
    this.#dice = dice;
  }

  async round(): Promise<void> {
    await this.#afterConnect(60);
    const strangers = Array.from({ length: SIDE_BY_SIDE }, () => this.#beforeConnect());
    const bytes = Array.from({ length: SIDE_BY_SIDE }, () => this.#bytes());
    const requests = Array.from({ length: 2 * SIDE_BY_SIDE }, () => this.#http());
    await Promise.all([...strangers, ...bytes, ...requests]);
  }

  /** Somebody who comes now is served as ever. */
  async proveWell(): Promise<void> {
    const client = await Client.open(this.#target.port);
    await client.ask(connectParams(this.#target.token, ['operator.read']), 'connect');
    const health = await client.ask(undefined, 'health');
    if (health?.['ok'] !== true) this.faults.push('after all that, health is not answered');
    client.socket.close();
  }

  /** Frames of somebody who was let in. The socket stays, whatever they hold. */
  async #afterConnect(count: number): Promise<void> {
    const scopes = this.#dice.of([['operator.admin'], ['operator.read'], ['operator.pairing'], []]);
    const client = await Client.open(this.#target.port);
    const hello = await client.ask(connectParams(this.#target.token, scopes), 'connect');
    const { features } = (hello?.['payload'] ?? {}) as { features?: { methods: readonly string[] } };
    this.#methods = features?.methods.filter((name) => !LEFT_OUT.has(name)) ?? this.#methods;
    const inputs: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const frame = { type: 'req', id: `h${index}`, method: this.#method(), params: anything(this.#dice) };
      const wire = onTheWire(this.#dice, this.#dice.chance(0.3) ? mutated(this.#dice, frame) : frame);
      inputs.push(wire.toString('latin1').slice(0, 300));
      client.socket.send(wire);
      this.sent += 1;
    }
    const health = await client.ask(undefined, 'health');
    if (health?.['ok'] !== true) this.#fault('frames', `health was not answered after ${inputs.join('\n')}`);
    for (const frame of client.frames) this.#judgeFrame('frame', frame, inputs);
    client.socket.close();
    await client.closed;
  }

  async #beforeConnect(): Promise<void> {
    const params = connectParams(this.#target.token, ['operator.read']);
    const frame = { type: 'req', id: 'c', method: 'connect', params };
    let hostile: unknown = frame;
    for (let change = this.#dice.below(4); change >= 0; change -= 1) hostile = mutated(this.#dice, hostile);
    const wire = onTheWire(this.#dice, hostile);
    const input = wire.toString('latin1').slice(0, 600);
    const client = await Client.open(this.#target.port);
    client.socket.send(wire);
    this.sent += 1;
    const code = await client.answeredOrClosed();
    if (code === 'silence') this.#fault('first', `no answer to ${input}`);
    else if (typeof code === 'number' && !CLOSES.has(code)) this.#fault('first', `close ${code} for ${input}`);
    else this.#count(`first: ${code}`);
    for (const each of client.frames) this.#judgeFrame('first', each, [input]);
    client.socket.close();
    await client.closed;
  }

  /** Bytes that are no frames, on a line that has been opened properly. */
  async #bytes(): Promise<void> {
    const upgrade =
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const length = this.#dice.below(200);
    const noise = Buffer.from(Array.from({ length }, () => this.#dice.below(256)));
    const answer = await this.#exchange(Buffer.concat([Buffer.from(upgrade), noise]));
    if (!answer.startsWith('HTTP/1.1 101')) this.#fault('bytes', `answered ${answer.slice(0, 80)}`);
    else this.#count('bytes: closed');
  }

  async #http(): Promise<void> {
    const text = request(this.#dice);
    const answer = await this.#exchange(Buffer.from(text, 'latin1'));
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? (answer === '' ? 'closed' : 'no HTTP');
    if (status === 'no HTTP' || (status.startsWith('5') && status !== '503')) {
      this.#fault('http', `${status} for ${text.slice(0, 600)}`);
    } else this.#count(`http: ${status}`);
  }

  /** Says all, ends its half, and resolves with what came until the gateway ended too. */
  async #exchange(bytes: Buffer): Promise<string> {
    this.sent += 1;
    const socket = connect(this.#target.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk.slice(0, 1_000 - answer.length)));
    socket.on('error', () => undefined);
    const ended = once(socket, 'close').then(
      () => true,
      () => true,
    );
    socket.end(bytes);
    if (!(await inTime(ended))) {
      this.#fault('socket', `was left open after ${bytes.toString('latin1').slice(0, 600)}`);
      socket.destroy();
    }
    return answer;
  }

  #judgeFrame(kind: string, frame: Readonly<Record<string, unknown>>, inputs: readonly string[]): void {
    if (frame['type'] !== 'res') return;
    const { code, message } = (frame['error'] ?? {}) as { code?: string; message?: string };
    if (frame['ok'] === true) return this.#count(`${kind}: ok`);
    this.#count(`${kind}: ${String(code)}`);
    // An error nobody foresaw is a fault of ours, whatever was sent.
    if (!CODES.has(String(code)) || message === 'internal error' || message?.includes('nobody foresaw') === true) {
      this.#fault(kind, `${JSON.stringify(frame).slice(0, 300)} for one of ${inputs.join('\n')}`);
    }
  }

  #method(): string {
    if (this.#dice.chance(0.8) && this.#methods.length > 0) return this.#dice.of(this.#methods);
    return this.#dice.of(['connect', 'nope', '__proto__', 'toString', 'node.invoke.result', '']);
  }

  #count(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  #fault(kind: string, what: string): void {
    if (this.faults.length < 20) this.faults.push(`${kind} near ${this.sent}: ${what}`);
  }
}

class Client {
  readonly socket: WebSocket;
  readonly frames: Readonly<Record<string, unknown>>[] = [];
  readonly closed: Promise<number>;
  #lastId = 0;
  /** Wakes whoever waits for something to happen. */
  #heard: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>);
      this.#heard();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        resolve(code);
        // After whoever waits for the code has it.
        setImmediate(() => this.#heard());
      });
    });
  }

  static async open(port: number): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${port}`));
    await once(client.socket, 'open');
    return client;
  }

  /** The answer, or `undefined` when it does not come in time. */
  async ask(params: unknown, method: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    this.#lastId += 1;
    const id = `ask-${this.#lastId}`;
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ type: 'req', id, method, params }));
    const find = () => this.frames.find((frame) => frame['type'] === 'res' && frame['id'] === id);
    await this.#until(() => find() !== undefined);
    return find();
  }

  /** `answered`, the code of the close, or `silence`. */
  async answeredOrClosed(): Promise<number | 'answered' | 'silence'> {
    let code: number | undefined;
    void this.closed.then((closed) => (code = closed));
    const answered = (): boolean => this.frames.some(({ type }) => type === 'res');
    await this.#until(() => answered() || code !== undefined);
    return answered() ? 'answered' : (code ?? 'silence');
  }

  async #until(isSo: () => boolean): Promise<void> {
    const overMs = performance.now() + PATIENCE_MS;
    while (!isSo() && this.socket.readyState !== WebSocket.CLOSED && performance.now() < overMs) {
      const heard = Promise.withResolvers<void>();
      this.#heard = heard.resolve;
      const timer = setTimeout(heard.resolve, PATIENCE_MS);
      await heard.promise;
      clearTimeout(timer);
    }
  }
}

function connectParams(token: string, scopes: readonly string[]): object {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: 'gateway-client', mode: 'backend', version: '0.0.0', platform: 'linux' },
    caps: [],
    role: 'operator',
    scopes,
    auth: { token },
  };
}

async function inTime(work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), 4 * PATIENCE_MS);
  const isInTime = await Promise.race([work.then(() => true), promise]);
  clearTimeout(timer);
  return isInTime;
}

async function residentBytes(pid: number): Promise<readonly number[]> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return [Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024];
  } catch {
    return [];
  }
}
