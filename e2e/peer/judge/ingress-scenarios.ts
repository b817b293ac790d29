import { admissionOf, answerOf, type Observation } from './observation.ts';
import { CLI, Device, NODE_HOST, TUI, type Hello } from './scripted-client.ts';
import { enter, http, open, type Headers, type HttpAsked, type Target } from './target.ts';

export type Scenarios = Readonly<Record<string, (target: Target) => Promise<Observation>>>;

const PAGE = { ...CLI, id: 'openclaw-control-ui', mode: 'webchat' };
const PROBE = { ...CLI, mode: 'probe', version: 'dev' };
const BACKEND = { ...CLI, id: 'gateway-client', mode: 'backend' };

const comes = (hello: Hello, headers?: Headers) => async (target: Target) => {
  const { client, answer } = await enter(target, hello, headers);
  const observed = await admissionOf(client, answer);
  client.close();
  return observed;
};

const asks =
  (path: string, asked: HttpAsked = {}, isSignedIn = false) =>
  (target: Target) =>
    http(target, path, {
      ...asked,
      headers: { ...asked.headers, ...(isSignedIn && { authorization: `Bearer ${target.token}` }) },
    });

const upgrades =
  (headers: Headers, path = '/') =>
  async (target: Target) => {
    try {
      (await open(target, headers, path)).close();
      return 'open';
    } catch (error) {
      return (error as Error).message;
    }
  };

/** Says one thing before connecting. */
const says = (first: unknown) => async (target: Target) => {
  const client = await open(target);
  client.send(first);
  const { code, reason } = await client.closed;
  const answered = client.frames.find(({ type }) => type === 'res');
  return `${answered === undefined ? 'silence' : answerOf(answered)}, close ${code} “${reason}”`;
};

/** Says one thing after connecting, and asks for health after that. */
const saysLater = (frame: unknown) => async (target: Target) => {
  const { client } = await enter(target);
  client.send(frame);
  const health = await client.request('health');
  const answered = client.frames.find(({ type, id }) => type === 'res' && id !== 'r1' && id !== 'r2');
  client.close();
  return `${answered === undefined ? 'silence' : `${answered.id}: ${answerOf(answered)}`}, then health ${answerOf(health)}`;
};

export const SIGN_IN: Scenarios = {
  'command line': comes({}),
  'secret in the other field': async (target) => comes({ auth: { password: target.token } })(target),
  'back end': comes({ client: BACKEND, scopes: ['operator.write'] }),
  'back end with an odd scope': comes({ client: BACKEND, scopes: ['operator.read', 'made.up'] }),
  'back end with a device': comes({ client: BACKEND, device: new Device() }),
  'probe, protocol 3 to 4': comes({ client: PROBE, more: { minProtocol: 3 } }),
  'probe, protocol 3': comes({ client: PROBE, more: { minProtocol: 3, maxProtocol: 3 } }),
  'probe without a secret': comes({ client: PROBE, auth: {} }),
  'desktop app without a device': comes({ client: { ...CLI, id: 'openclaw-macos', mode: 'ui' } }),
  'protocol 3': comes({ more: { minProtocol: 3, maxProtocol: 3 } }),
  'protocol 5': comes({ more: { minProtocol: 5, maxProtocol: 6 } }),
  'no secret': comes({ auth: {} }),
  'wrong token': comes({ auth: { token: 'wrong' } }),
  'wrong password': comes({ auth: { password: 'wrong' } }),
  'unknown client id': comes({ client: { ...CLI, id: 'mine' } }),
  'unknown client mode': comes({ client: { ...CLI, mode: 'operator' } }),
  'unknown property in connect': comes({ more: { odd: 1 } }),
  'unknown role': comes({ role: 'king' }),
  'node without a device': comes({ client: NODE_HOST, role: 'node', scopes: [] }),
  'page without Origin and device': comes({ client: PAGE }),
  'page without a device': comes({ client: PAGE }, { origin: 'http://127.0.0.1:1' }),
  'command line with a local Origin': comes({}, { origin: 'http://localhost:5173' }),
  'empty Origin': comes({}, { origin: '' }),
  'foreign Host': comes({}, { host: 'evil.example:1' }),
};

export const ORIGINS: Scenarios = Object.fromEntries(
  [
    'http://evil.example',
    'https://localhost:3000',
    'null',
    'file://',
    'chrome-extension://abc',
    'app://-',
    'tauri://localhost',
    'capacitor://localhost',
  ].map((origin) => [`Origin ${origin}`, comes({}, { origin })]),
);

export const UPGRADES: Scenarios = {
  '/ws': upgrades({}, '/ws'),
  '/v1/models': upgrades({}, '/v1/models'),
  '/api/channels/x': upgrades({}, '/api/channels/x'),
  ...Object.fromEntries(
    ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'tailscale-user-login', 'via'].map((name) => [
      `header ${name}`,
      upgrades({ [name]: '203.0.113.7' }),
    ]),
  ),
};

export const FRAMES: Scenarios = {
  'first: a request that is not connect': says({ type: 'req', id: 'a', method: 'health' }),
  'first: no frame': says({ hello: 1 }),
  'first: a frame with an unknown property': says({ type: 'req', id: 'a', method: 'connect', odd: 1 }),
  'first: no JSON': says('{'),
  'first: more than 64 KiB': says(`"${'a'.repeat(70_000)}"`),
  'later: no JSON': saysLater('{'),
  'later: no id': saysLater({ type: 'req', method: 'health' }),
  'later: an unknown property': saysLater({ type: 'req', id: 'odd', method: 'health', odd: 1 }),
  'later: connect again': saysLater({ type: 'req', id: 'again', method: 'connect', params: {} }),
  'later: an unknown method': saysLater({ type: 'req', id: 'nope', method: 'nope' }),
  'later: a number as id': saysLater({ type: 'req', id: 7, method: 'health' }),
  'later: an event': saysLater({ type: 'event', event: 'tick' }),
};

export const DEVICES: Scenarios = {
  'signature v2': comes({ client: TUI, device: new Device(), signature: { version: 'v2' } }),
  'signature v3': comes({ client: TUI, device: new Device() }),
  '100 s behind': comes({ client: TUI, device: new Device(), signature: { skewMs: -100_000 } }),
  '180 s behind': comes({ client: TUI, device: new Device(), signature: { skewMs: -180_000 } }),
  '180 s ahead': comes({ client: TUI, device: new Device(), signature: { skewMs: 180_000 } }),
  'another nonce': comes({ client: TUI, device: new Device(), signature: { nonce: 'x' } }),
  'no nonce': comes({ client: TUI, device: new Device(), signature: { nonce: null } }),
  'the id of another key': comes({ client: TUI, device: new Device(), signature: { id: 'ab' } }),
  'a broken signature': comes({ client: TUI, device: new Device(), signature: { break: true } }),
  'a broken signature and a wrong token': comes({
    client: TUI,
    device: new Device(),
    auth: { token: 'wrong' },
    signature: { break: true },
  }),
  'no secret': comes({ client: TUI, device: new Device(), auth: {} }),
  'wrong token': comes({ client: TUI, device: new Device(), auth: { token: 'wrong' } }),
  'wrong device token': comes({ client: TUI, device: new Device(), auth: { deviceToken: 'wrong' } }),
  'foreign Host': comes({ client: TUI, device: new Device() }, { host: 'evil.example:1' }),
};

export const HTTP: Scenarios = {
  'GET /health': asks('/health'),
  'HEAD /healthz': asks('/healthz', { method: 'HEAD' }),
  'POST /health': asks('/health', { method: 'POST' }),
  'GET /health behind a proxy': asks('/health', { headers: { 'x-forwarded-for': '1.2.3.4' } }),
  'GET /ready': asks('/ready'),
  'GET /readyz': asks('/readyz'),
  'GET /startupz': asks('/startupz'),
  'GET /v1/models': asks('/v1/models'),
  'GET /v1/models, wrong token': asks('/v1/models', { headers: { authorization: 'Bearer wrong' } }),
  'GET /v1/models, signed in': asks('/v1/models', {}, true),
  'GET /v1/models behind a proxy': asks('/v1/models', { headers: { forwarded: 'for=1.2.3.4' } }, true),
  'GET / behind a proxy': asks('/', { headers: { 'x-real-ip': '1.2.3.4' } }),
  'POST /tools/invoke': asks('/tools/invoke', { method: 'POST', body: '{}' }),
  'GET /api/channels/x': asks('/api/channels/x'),
  'GET /api/channels/x, signed in': asks('/api/channels/x', {}, true),
  'GET /api/other': asks('/api/other'),
  'GET /': asks('/'),
  'HEAD /': asks('/', { method: 'HEAD' }),
  'GET /chat': asks('/chat'),
  'GET /nope.js': asks('/nope.js'),
  'POST /': asks('/', { method: 'POST' }),
};
