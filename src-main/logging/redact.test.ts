import { describe, expect, it } from 'vitest';

import { createJsonLineSink } from './json-line-sink.ts';
import { createLogger } from './logger.ts';
import { createRedactor } from './redact.ts';

const LONG = 'q7Rk2mVx9TbL4wZc8YhN';
const SHORT = 'hunter2!x';

/** What is written, and the part of it that must be gone. The shapes are made up here; none was ever valid. */
const SECRETS: readonly (readonly [shape: string, text: string, secret: string])[] = [
  ['a JSON field', `{"token":"${LONG}"}`, LONG],
  ['a JSON field with spaces', `{ "deviceToken" : "${SHORT}" }`, SHORT],
  ['a snake-case field', `{"access_token":"${SHORT}"}`, SHORT],
  ['a field with an escaped quote', String.raw`{"password":"ab\"${SHORT}"}`, SHORT],
  ['a field cut off in the middle', `{"clientSecret":"${SHORT}`, SHORT],
  ['a list of secrets', `{"passwords":["a-${SHORT}","${LONG}"]}`, SHORT],
  ['a numeric password', '{"password": 49204417}', '49204417'],
  ['JSON inside JSON', JSON.stringify({ body: JSON.stringify({ apiKey: SHORT }) }), SHORT],
  [
    'JSON inside JSON inside JSON',
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ passphrase: SHORT }) }) }),
    SHORT,
  ],
  ['an escaped quote inside JSON inside JSON', JSON.stringify({ b: JSON.stringify({ secret: `a"${SHORT}` }) }), SHORT],
  ['a raw header pair', `["X-Api-Key","${SHORT}"]`, SHORT],
  ['a flag and its value in a list', `["--gateway-token","${SHORT}"]`, SHORT],
  ['a printed object', `{ token: '${SHORT}', port: 1 }`, SHORT],
  ['a printed map', `Map { 'token' => '${SHORT}' }`, SHORT],
  ['a bearer header', `Authorization: Bearer ${LONG}`, LONG],
  [
    'a basic header',
    `authorization: Basic ${Buffer.from(`me:${SHORT}`).toString('base64')}`,
    Buffer.from(`me:${SHORT}`).toString('base64'),
  ],
  ['a bearer value alone', `sent Bearer ${LONG} there`, LONG],
  ['a cookie header', `Cookie: theme=dark; sid=${SHORT}`, SHORT],
  ['a set-cookie header', `set-cookie: sid=${SHORT}; HttpOnly`, SHORT],
  ['an environment assignment', `OPENCLAW_GATEWAY_TOKEN=${SHORT} node`, SHORT],
  ['a quoted environment assignment', `export DB_PASSWORD="${SHORT} with space"`, SHORT],
  ['a flag', `openclaw --token ${SHORT} --port 1`, SHORT],
  ['a flag with an equals sign', `openclaw --password=${SHORT}`, SHORT],
  ['a URL parameter', `http://127.0.0.1/?token=${SHORT}&x=1`, SHORT],
  ['a URL fragment', `http://127.0.0.1/#access_token=${SHORT}`, SHORT],
  ['a password in a URL', `https://me:${SHORT}@example.invalid/`, SHORT],
  ['a user-less password in a URL', `redis://:${SHORT}@127.0.0.1:1`, SHORT],
  ['a YAML line', `passphrase: ${SHORT}`, SHORT],
  [
    'a private key',
    `-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn${LONG}\nAAAA\n-----END OPENSSH PRIVATE KEY-----`,
    LONG,
  ],
  [
    'an encrypted private key',
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${LONG}\n-----END RSA PRIVATE KEY-----`,
    LONG,
  ],
  ['a private key that was cut off', `-----BEGIN PRIVATE KEY-----\nMIIE${LONG}`, LONG],
  [
    'a private key with escaped line ends',
    `-----BEGIN PRIVATE KEY-----\\nMIIE${LONG}\\n-----END PRIVATE KEY-----`,
    LONG,
  ],
  ['an OpenAI key', `sk-proj-${LONG}`, LONG],
  ['a GitHub token', `ghp_${LONG}`, LONG],
  ['a Slack token', `xoxb-123-${LONG}`, LONG],
  ['a Tailscale key', `tskey-auth-${LONG}`, LONG],
  ['an AWS key', 'AKIAABCDEFGHIJKLMNOP', 'AKIAABCDEFGHIJKL'],
  ['a Google key', `AIza${LONG}${LONG}`, LONG],
  ['a web token', `eyJhbGciOiJ9.eyJzdWIiOiIx.${LONG}`, 'eyJzdWIiOiIx'],
  ['a Telegram bot in a URL', `https://api.invalid/bot123456789:AA${LONG}${LONG}/getMe`, LONG],
];

const HARMLESS = [
  '{"code":"gateway/token-mismatch","gateway":"home"}',
  'unauthorized: gateway token mismatch (retry later)',
  '{"tokenFile":"/User/me/token","maxTokens":4096,"totalTokens":12}',
  '{"authMode":"password","bind":"loopback"}',
  'hasToken=true password: none',
  'SHA256:3dsyrQ6zxKzUo1NnE8yDRgqxo9Vr0MJ1G6Fy0rQ0yQk',
  'ws://127.0.0.1:18789 and ssh://me@desk:22',
  '2026-11-22T10:00:00.000Z listening on http://127.0.0.1:18789',
];

/** Repeatable numbers below a limit, so that a failing round can be looked at. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('redaction by name and shape', () => {
  it.each(SECRETS)('removes %s', (_shape, text, secret) => {
    expect(createRedactor().redact(text)).not.toContain(secret);
  });

  it.each(SECRETS)('removes %s on its way through the sink, and the line stays JSON', (_shape, text, secret) => {
    const lines: string[] = [];
    const sink = createJsonLineSink({ write: (line) => lines.push(line) }, { redact: createRedactor().redact });
    createLogger(sink).error('it failed', { text, deep: { list: [text] }, error: new Error(text), [text]: 1 });
    expect(lines.join('')).not.toContain(secret);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'it failed' });
  });

  it.each(SECRETS)('changes nothing the second time: %s', (_shape, text) => {
    const { redact } = createRedactor();
    expect(redact(redact(text))).toBe(redact(text));
  });

  it.each([
    ['by the name of its field', { deviceToken: SHORT }],
    ['in a list under such a name', { passwords: [SHORT] }],
    ['in an object under such a name', { credentials: { user: SHORT } }],
    ['as a number under such a name', { passphrase: 987_654_321 }],
    ['after a flag in a list', { args: ['--gateway-token', SHORT] }],
    ['after the name of a header in a list', { rawHeaders: ['Cookie', SHORT] }],
    ['in a map', { map: new Map([['secret', SHORT]]) }],
    ['in a set', { set: new Set([`token=${SHORT}`]) }],
    ['in the cause of an error', { error: new Error('outer', { cause: new Error(`token=${SHORT}`) }) }],
    ['in a URL', { url: new URL(`http://me:${SHORT}@127.0.0.1/`) }],
  ])('removes a field value %s', (_where, fields) => {
    const lines: string[] = [];
    const sink = createJsonLineSink({ write: (line) => lines.push(line) }, { redact: createRedactor().redact });
    createLogger(sink).info('said', fields);
    expect(lines.join('')).toContain('«…»');
    expect(lines.join('')).not.toMatch(/hunter2|987654321/);
  });

  it('leaves JSON that can be parsed, whatever stands in the line', () => {
    const pieces = [
      'token',
      'password"',
      "'",
      '"',
      '\\',
      ':',
      '=',
      ',',
      '{',
      '[',
      ']',
      '}',
      ' ',
      'abc',
      '--secret',
      '\n',
    ];
    pieces.push('Bearer abcdef', 'cookie:', 'a://b:c@', '-----BEGIN PRIVATE KEY-----', '"token":"x', '=>', '12');
    const random = createRandom(7);
    const redactor = createRedactor();
    const lines: string[] = [];
    const sink = createJsonLineSink({ write: (line) => lines.push(line) }, { redact: redactor.redact });
    const text = (): string => Array.from({ length: 8 }, () => pieces[random(pieces.length)]).join('');
    for (let round = 0; round < 4_000; round += 1) {
      const inner = { [text()]: text(), list: [text(), text()] };
      createLogger(sink).info(text(), { ...inner, nested: JSON.stringify({ ...inner, body: JSON.stringify(inner) }) });
    }
    expect(lines.filter((line) => !isJson(line))).toEqual([]);
  });

  it.each(HARMLESS)('leaves %s as it is', (text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });

  it.each(['{"token":"', '"password":"\\', 'token=', '-----BEGIN PRIVATE KEY-----', 'a://b:c', '\\"token\\":\\"'])(
    'takes time in proportion to the text: %s',
    (unit) => {
      const startedMs = performance.now();
      createRedactor().redact(unit.repeat(20_000));
      expect(performance.now() - startedMs).toBeLessThan(1_500);
    },
  );
});

describe('registered values', () => {
  const secret = 'päss/w"ö+rd=42?&\\end';
  const forms: readonly (readonly [string, string])[] = [
    ['plain', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['in JSON', JSON.stringify({ note: secret })],
    ['in JSON inside JSON', JSON.stringify({ note: JSON.stringify({ note: secret }) })],
  ];

  it.each(forms)('are removed where they stand %s', (_form, text) => {
    const redactor = createRedactor();
    redactor.add(secret);
    const redacted = redactor.redact(`before ${text} after`);
    expect(redacted).toContain('«…»');
    expect(redacted).not.toContain('rd');
  });

  it('keep their last four characters when they are long', () => {
    const redactor = createRedactor();
    redactor.add(LONG);
    expect(redactor.redact(`said ${LONG}.`)).toBe('said «…8YhN».');
  });

  it('are removed as a whole when one begins with another', () => {
    const redactor = createRedactor();
    redactor.add('abcdef');
    redactor.add('abcdefghij');
    expect(redactor.redact('abcdefghij abcdef')).toBe('«…» «…»');
  });

  it('shorter than six characters are not looked for', () => {
    const redactor = createRedactor();
    redactor.add('a');
    redactor.add('');
    expect(redactor.redact('a banana')).toBe('a banana');
  });
});
