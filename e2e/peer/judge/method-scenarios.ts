import type { Scenarios } from './ingress-scenarios.ts';
import { answerOf } from './observation.ts';
import { ALL_SCOPES, enter, operator, type Target } from './target.ts';
import { CLI } from './scripted-client.ts';

const calls =
  (method: string, params?: unknown, { scopes = ALL_SCOPES, keys = [] }: { scopes?: string[]; keys?: string[] } = {}) =>
  async (target: Target) => {
    const client = await operator(target, scopes);
    const observed = answerOf(await client.request(method, params), keys);
    client.close();
    return observed;
  };

const READ = { scopes: ['operator.read'] };

export const METHODS: Scenarios = {
  'unknown, as administrator': calls('nope'),
  'unknown, as reader': calls('nope', undefined, READ),
  'connect again': calls('connect', {}),
  'probe asks for health': async (target) => {
    const { client } = await enter(target, { client: { ...CLI, mode: 'probe' } });
    const observed = `${answerOf(await client.request('health'))}; ${answerOf(await client.request('status'))}`;
    client.close();
    return observed;
  },
  'write scope reads': calls('status', undefined, { scopes: ['operator.write'] }),
  'pairing scope reads': calls('status', undefined, { scopes: ['operator.pairing'] }),
  'health with an odd parameter': calls('health', { odd: 1 }),
  'system-presence with an odd parameter': calls('system-presence', { odd: 1 }),
  'device.pair.list as reader': calls('device.pair.list', {}, READ),
  'device.pair.list with an odd parameter': calls('device.pair.list', { odd: 1 }),
  'device.pair.approve without id': calls('device.pair.approve', {}),
  'device.pair.approve of nothing': calls('device.pair.approve', { requestId: 'nope' }),
  'device.pair.reject of nothing': calls('device.pair.reject', { requestId: 'nope' }),
  'device.pair.remove of nothing': calls('device.pair.remove', { deviceId: 'nope' }),
  'device.pair.rename of nothing': calls('device.pair.rename', { deviceId: 'nope', label: 'x' }),
  'device.token.rotate of nothing': calls('device.token.rotate', { deviceId: 'nope', role: 'operator' }),
  'device.token.revoke of nothing': calls('device.token.revoke', { deviceId: 'nope', role: 'operator' }),
  'node.pair.approve of nothing': calls('node.pair.approve', { requestId: 'nope' }),
  'node.pair.reject of nothing': calls('node.pair.reject', { requestId: 'nope' }),
  'node.pair.remove of nothing': calls('node.pair.remove', { nodeId: 'nope' }),
  'node.describe of nothing': calls('node.describe', { nodeId: 'nope' }, READ),
  'node.rename of nothing': calls('node.rename', { nodeId: 'nope', displayName: 'x' }),
  'node.invoke as reader': calls('node.invoke', { nodeId: 'x', command: 'system.which', idempotencyKey: 'k' }, READ),
  'node.invoke of an unknown node': calls('node.invoke', { nodeId: 'x', command: 'system.which', idempotencyKey: 'k' }),
  'node.invoke of an unknown command': calls('node.invoke', { nodeId: 'x', command: 'odd', idempotencyKey: 'k' }),
  'node.invoke of what needs more': calls(
    'node.invoke',
    { nodeId: 'x', command: 'browser.proxy', idempotencyKey: 'k' },
    { scopes: ['operator.write'] },
  ),
  'node.invoke of approvals': calls('node.invoke', {
    nodeId: 'x',
    command: 'system.execApprovals.get',
    idempotencyKey: 'k',
  }),
  'node.event as operator': calls('node.event', { event: 'x' }),
  'node.list': calls('node.list', {}, { ...READ, keys: ['nodes.length'] }),
  'node.pair.list': calls('node.pair.list', {}, { keys: ['pending.length', 'paired.length'] }),
};
