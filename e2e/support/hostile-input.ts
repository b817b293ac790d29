/** Numbers that are the same for the same seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1, without 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}

const TEXTS = [
  '',
  ' ',
  'a',
  '__proto__',
  'constructor',
  'toString',
  'main',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '\uD800',
  '\u202E',
  '😀',
  "' OR 1=1 --",
  '{{7*7}}',
  '1e309',
  '-0',
  'operator.admin',
  'agent:main:main',
  '/status',
  'x'.repeat(300),
  'y'.repeat(5_000),
];
const NUMBERS = [0, -0, 1, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 4, 3];

/** Any value that JSON can hold, seldom deep. */
export function anything(dice: Dice, depth = 0): unknown {
  const kind = dice.below(depth > 3 ? 5 : 7);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return dice.chance(0.5);
    case 2:
      return dice.of(NUMBERS);
    case 3:
    case 4:
      return dice.of(TEXTS);
    case 5:
      return Array.from({ length: dice.below(5) }, () => anything(dice, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: dice.below(5) }, () => [
          dice.chance(0.5) ? dice.of(KEYS) : dice.of(TEXTS),
          anything(dice, depth + 1),
        ]),
      );
  }
}

/** Names that handlers look for. */
const KEYS = [
  'key',
  'sessionKey',
  'agentId',
  'message',
  'idempotencyKey',
  'limit',
  'offset',
  'cursor',
  'requestId',
  'deviceId',
  'nodeId',
  'command',
  'params',
  'timeoutMs',
  'role',
  'scopes',
  'label',
  'keys',
  'runId',
  'type',
  'id',
  'event',
  'payload',
  'raw',
  'baseHash',
  'messageId',
];

/** Changes one place of a value: takes it away, replaces it, or adds to it. */
export function mutated(dice: Dice, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return anything(dice);
  const entries = Object.entries(value);
  if (entries.length === 0 || dice.chance(0.2)) return { ...value, [dice.of(KEYS)]: anything(dice) };
  const chosen = dice.of(entries);
  const rest = entries.filter((entry) => entry !== chosen);
  if (dice.chance(0.25)) return Object.fromEntries(rest);
  const [key, inner] = chosen;
  const next = dice.chance(0.6) ? mutated(dice, inner) : anything(dice);
  return Array.isArray(value) ? [...rest.map(([, each]) => each), next] : Object.fromEntries([...rest, [key, next]]);
}

/** What stands on the wire: mostly JSON, at times cut short, doubled or not text at all. */
export function onTheWire(dice: Dice, value: unknown): string | Buffer {
  const text = JSON.stringify(value) ?? '';
  if (dice.chance(0.9)) return text;
  switch (dice.below(5)) {
    case 0:
      return text.slice(0, dice.below(text.length + 1));
    case 1:
      return text + text;
    case 2:
      return Buffer.from(Array.from({ length: dice.below(64) }, () => dice.below(256)));
    case 3:
      return '['.repeat(1 + dice.below(20_000));
    default:
      return Buffer.from(text);
  }
}

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'TRACE', 'CONNECT', 'PRI', 'get', 'G T', 'BREW'];
const PATHS = [
  '/',
  '/health',
  '/readyz',
  '/v1/models',
  '/v1/models/%E0%A4%A',
  '/v1/../health',
  '//evil.example/',
  '/tools/invoke',
  '/api/channels/x',
  '/assets/..%2f..%2fetc/passwd',
  '/%00',
  '/?'.padEnd(3_000, 'q'),
  '*',
  'http://evil.example/',
  '/#',
];
const HEADERS = [
  'Host: 127.0.0.1',
  'Host: evil.example',
  'Host:',
  'Authorization: Bearer wrong',
  'Authorization: Basic OjpA',
  'Authorization: Bearer ',
  'X-Forwarded-For: 1.2.3.4',
  'Forwarded: for=1.2.3.4',
  'Origin: null',
  'Origin: http://evil.example',
  'Origin: http://localhost:1',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999',
  'Content-Length: 5, 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 99',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Key: x',
  'Expect: 100-continue',
  'Expect: the-unexpected',
  'Range: bytes=0-1,2-3',
  'If-Modified-Since: never',
  'Cookie: a=b',
  ': no name',
  'no colon',
  ' folded',
  `Big: ${'z'.repeat(20_000)}`,
];

/** The bytes of a request, seldom a good one. */
export function request(dice: Dice): string {
  const version = dice.chance(0.9) ? 'HTTP/1.1' : dice.of(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '']);
  const path = dice.chance(0.9) ? dice.of(PATHS) : `/${dice.of(TEXTS)}`;
  const headers = Array.from({ length: dice.below(6) }, () => dice.of(HEADERS));
  const host = dice.chance(0.7) ? ['Host: 127.0.0.1'] : [];
  const end = dice.chance(0.95) ? '\r\n\r\n' : '\n';
  const body = dice.chance(0.3) ? dice.of(['hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '{"tool":']) : '';
  return `${[`${dice.of(METHODS)} ${path} ${version}`, ...host, ...headers].join('\r\n')}${end}${body}`;
}
