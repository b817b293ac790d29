import type { Scenarios } from './ingress-scenarios.ts';
import { admissionOf, answerOf } from './observation.ts';
import { Device, NODE_HOST, TUI, type Frame, type Hello, type ScriptedClient } from './scripted-client.ts';
import { ALL_SCOPES, enter, operator, type Target } from './target.ts';

/** Steps of one story; what each shows is one line. */
class Story {
  readonly #lines: string[] = [];

  tell(line: string): void {
    this.#lines.push(line);
  }

  get text(): string {
    return this.#lines.join('; ');
  }
}

/** The script cannot go on without it. */
function payloadOf(frame: Frame | undefined): unknown {
  if (frame?.payload === undefined) throw new Error(`no payload in ${JSON.stringify(frame)}`);
  return frame.payload;
}

const tokenOf = (frame: Frame | undefined): string =>
  (frame?.payload as { auth?: { deviceToken?: string } } | undefined)?.auth?.deviceToken ?? '';

async function arrives(target: Target, story: Story, hello: Hello): Promise<ScriptedClient> {
  const { client, answer } = await enter(target, hello);
  story.tell(await admissionOf(client, answer));
  return client;
}

const device = (id: Device, hello: Hello = {}): Hello => ({ client: TUI, device: id, ...hello });

const SURFACE = { caps: ['system'], commands: ['system.which', 'system.run', 'browser.proxy', 'file.fetch'] };
const asNode = (id: Device, more: object = SURFACE): Hello => ({
  client: NODE_HOST,
  role: 'node',
  scopes: [],
  device: id,
  more: { ...more },
});

async function approvedNode(target: Target, id: Device) {
  const { client: node } = await enter(target, asNode(id));
  const admin = await operator(target);
  const list = await admin.request('node.pair.list', {});
  const { pending } = payloadOf(list) as { pending: { requestId: string; nodeId: string }[] };
  const requestId = pending.find(({ nodeId }) => nodeId === id.id)?.requestId;
  const approval = await admin.request('node.pair.approve', { requestId });
  return { node, admin, approval };
}

export const PAIRING: Scenarios = {
  'a device token comes back, in both fields, and opens no more than it may': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { answer } = await enter(target, device(id));
    const token = tokenOf(answer);
    await arrives(target, story, device(id, { auth: { token } }));
    await arrives(target, story, device(id, { auth: { deviceToken: token } }));
    await arrives(target, story, device(id, { auth: { deviceToken: token }, scopes: ['operator.admin'] }));
    await arrives(target, story, device(id, { scopes: ['operator.admin'] }));
    return story.text;
  },
  'another machine with the same key asks a person': async (target) => {
    const [story, id] = [new Story(), new Device()];
    await arrives(target, story, device(id));
    await arrives(target, story, device(id, { client: { ...TUI, platform: 'darwin' } }));
    return story.text;
  },
  'rotate ends the sessions of the device and keeps the token from others': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { client, answer } = await enter(target, device(id));
    const admin = await operator(target);
    const rotated = await admin.request('device.token.rotate', { deviceId: id.id, role: 'operator' });
    story.tell(answerOf(rotated, ['role', 'scopes', 'tokenDelivery', 'token']));
    story.tell(`close ${(await client.closed).code}`);
    await arrives(target, story, device(id, { auth: { deviceToken: tokenOf(answer) } }));
    return story.text;
  },
  'revoke ends the sessions, and the role is asked for again': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { client } = await enter(target, device(id));
    const admin = await operator(target);
    story.tell(answerOf(await admin.request('device.token.revoke', { deviceId: id.id, role: 'operator' }), ['role']));
    story.tell(`close ${(await client.closed).code}`);
    await arrives(target, story, device(id));
    return story.text;
  },
  'remove ends the sessions, and the device is unknown': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { client } = await enter(target, device(id));
    const admin = await operator(target);
    story.tell(answerOf(await admin.request('device.pair.remove', { deviceId: id.id })));
    const { code, reason } = await client.closed;
    story.tell(`close ${code} “${reason}”`);
    story.tell(answerOf(await admin.request('device.pair.remove', { deviceId: id.id })));
    return story.text;
  },
  'a node offers, is approved, and is asked': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { node, admin, approval } = await approvedNode(target, id);
    story.tell(answerOf(approval, ['node.caps', 'node.commands']));
    const described = await admin.request('node.describe', { nodeId: id.id });
    story.tell(answerOf(described, ['approvalState', 'caps', 'commands', 'connected', 'paired']));
    const asked = { nodeId: id.id, command: 'system.which', params: { bins: ['ls'] }, idempotencyKey: 'k' };
    const asking = admin.request('node.invoke', { ...asked, timeoutMs: 5_000 });
    const request = await node.event('node.invoke.request');
    const { id: invokeId, paramsJSON } = payloadOf(request) as { id: string; paramsJSON: string };
    story.tell(`node is asked ${paramsJSON}${request?.seq === undefined ? '' : ' with a number'}`);
    const result = { id: invokeId, nodeId: id.id, ok: true, payloadJSON: '{"ls":"/bin/ls"}' };
    story.tell(answerOf(await node.request('node.invoke.result', result), ['ok', 'ignored']));
    story.tell(answerOf(await asking, ['ok', 'command', 'payload', 'payloadJSON']));
    story.tell(answerOf(await node.request('node.invoke.result', result), ['ok', 'ignored']));
    node.close();
    return story.text;
  },
  'a node is late, fails, or is away': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { node, admin } = await approvedNode(target, id);
    const ask = (key: string, timeoutMs: number) =>
      admin.request('node.invoke', { nodeId: id.id, command: 'system.which', idempotencyKey: key, timeoutMs });
    story.tell(answerOf(await ask('late', 60)));
    const failing = ask('fails', 5_000);
    const request = await node.next(
      ({ payload }) => (payload as { idempotencyKey?: string } | undefined)?.idempotencyKey === 'fails',
    );
    const { id: invokeId } = payloadOf(request) as { id: string };
    const error = { code: 'NOPE', message: 'no such thing' };
    await node.request('node.invoke.result', { id: invokeId, nodeId: id.id, ok: false, error });
    story.tell(answerOf(await failing));
    node.close();
    await node.closed;
    story.tell(answerOf(await ask('away', 500)));
    return story.text;
  },
  'a node offers more than was approved': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { node, admin } = await approvedNode(target, id);
    node.close();
    await node.closed;
    const more = { ...SURFACE, commands: ['system.which', 'system.notify'] };
    const again = await arrives(target, story, asNode(id, more));
    const described = await admin.request('node.describe', { nodeId: id.id });
    story.tell(answerOf(described, ['approvalState', 'commands']));
    const list = (await admin.request('node.pair.list', {}))?.payload as {
      pending: { nodeId: string; commands: string[]; requiredApproveScopes: string[] }[];
    };
    const waiting = list.pending.find(({ nodeId }) => nodeId === id.id);
    story.tell(`waits ${JSON.stringify([waiting?.commands, waiting?.requiredApproveScopes])}`);
    again.close();
    return story.text;
  },
  'what a node may call': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { node } = await approvedNode(target, id);
    for (const [method, params, keys] of [
      ['health', undefined, ['ok']],
      ['node.list', {}, []],
      ['status', undefined, []],
      ['nope', {}, []],
      ['node.event', { event: 'odd' }, ['handled', 'reason']],
      ['node.skills.update', { skills: [] }, ['skills']],
      ['node.pluginTools.update', { tools: [] }, ['tools']],
    ] as const) {
      story.tell(`${method} ${answerOf(await node.request(method, params), keys)}`);
    }
    node.close();
    return story.text;
  },
  'a node is renamed and removed': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const { node, admin } = await approvedNode(target, id);
    story.tell(answerOf(await admin.request('node.rename', { nodeId: id.id, displayName: 'Lathe' }), ['displayName']));
    story.tell(answerOf(await admin.request('node.describe', { nodeId: id.id }), ['displayName']));
    story.tell(answerOf(await admin.request('node.pair.remove', { nodeId: id.id })));
    const { code, reason } = await node.closed;
    story.tell(`close ${code} “${reason}”`);
    return story.text;
  },
};

/** With `gateway.nodes.pairing.autoApproveLocal` off: a person decides about every device. */
export const ASKING: Scenarios = {
  'a device waits, is approved by somebody who holds what it asks for, and comes in': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const pairer = await operator(target, ['operator.pairing']);
    const reader = await operator(target, ['operator.read']);
    const { client, answer } = await enter(target, device(id, { scopes: ['operator.admin'] }));
    story.tell(await admissionOf(client, answer));
    const requestId = answer?.error?.details?.['requestId'];
    const { answer: again } = await enter(target, device(id));
    story.tell(`${again?.error?.details?.['requestId'] === requestId ? 'same' : 'another'} request`);
    const heard = await pairer.event('device.pair.requested');
    story.tell(
      `heard ${Object.keys(heard?.payload as object)
        .toSorted()
        .join()}`,
    );
    story.tell(answerOf(await pairer.request('device.pair.approve', { requestId })));
    const admin = await operator(target);
    story.tell(answerOf(await admin.request('device.pair.approve', { requestId }), ['device.roles', 'device.scopes']));
    await arrives(target, story, device(id, { scopes: ALL_SCOPES }));
    story.tell(`resolved ${(await pairer.event('device.pair.resolved')) === undefined ? 'silently' : 'aloud'}`);
    story.tell(`reader hears ${reader.frames.filter(({ event }) => event?.includes('pair')).length}`);
    return story.text;
  },
  'a device that asks for more waits': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const admin = await operator(target);
    const { answer } = await enter(target, device(id));
    await admin.request('device.pair.approve', { requestId: answer?.error?.details?.['requestId'] });
    await arrives(target, story, device(id));
    await arrives(target, story, device(id, { scopes: ['operator.write'] }));
    await arrives(target, story, { ...asNode(id), client: { ...NODE_HOST } });
    return story.text;
  },
  'a device is rejected': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const pairer = await operator(target, ['operator.pairing']);
    const { answer } = await enter(target, device(id));
    const requestId = answer?.error?.details?.['requestId'];
    story.tell(answerOf(await pairer.request('device.pair.reject', { requestId })));
    story.tell(answerOf(await pairer.request('device.pair.reject', { requestId })));
    return story.text;
  },
  'a node waits, and needs an administrator': async (target) => {
    const [story, id] = [new Story(), new Device()];
    const pairer = await operator(target, ['operator.pairing']);
    const { client, answer } = await enter(target, asNode(id));
    story.tell(await admissionOf(client, answer));
    const requestId = answer?.error?.details?.['requestId'];
    story.tell(answerOf(await pairer.request('device.pair.approve', { requestId })));
    const admin = await operator(target);
    story.tell(answerOf(await admin.request('device.pair.approve', { requestId }), ['device.roles', 'device.scopes']));
    await arrives(target, story, asNode(id));
    return story.text;
  },
};
