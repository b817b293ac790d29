import { describe, expect, it } from 'vitest';

import { conciergeReply, type ConciergeFacts } from './concierge-reply.ts';

const facts: ConciergeFacts = {
  version: '1.2.3',
  computer: 'desk',
  uptimeMs: 3 * 3_600_000,
  nowMs: 1_000_000,
  address: 'port 18789',
  bind: 'loopback',
  authMode: 'token',
  clients: ['Control UI'],
  connections: 3,
  agents: ['main'],
  tools: [],
  methods: 42,
  sessions: { count: 12, recent: [{ key: 'agent:main:main', updatedAtMs: 940_000 }] },
  memoryBytes: 64 * 1024 * 1024,
  eventLoop: { degraded: false, delayP99Ms: 1.25, utilization: 0.034 },
};

describe('a command', () => {
  it.each([
    [
      '/status',
      [
        'Gangway 1.2.3 on desk',
        'Up for 3 hours',
        'sign-in by token',
        'Connected: Control UI, 2 programs',
        'Sessions: 12',
      ],
    ],
    ['/health', ['Well', 'Memory: 64 MiB', '3 % busy, p99 delay 1.3 ms']],
    ['/tools', ['There are no tools']],
    ['/sessions', ['12 sessions:', '- agent:main:main, 1 minute ago', '- and 11 more']],
    ['/help', ['/status', '/health', '/tools', '/sessions', '/help']],
    ['  /STATUS please ', ['Gangway 1.2.3 on desk']],
  ])('%s tells from live facts', (command, parts) => {
    const reply = conciergeReply(command, facts);
    for (const part of parts) expect(reply).toContain(part);
  });

  it('nobody knows is named, cut short, with what there is', () => {
    const reply = conciergeReply(`/${'x'.repeat(500)}`, facts);
    expect(reply).toContain(`There is no command /${'x'.repeat(40)}.`);
    expect(reply).toContain('/help');
  });
});

describe('a plain question', () => {
  it.each([
    ['Are you healthy?', 'Memory: 64 MiB'],
    ['which tools do you have', 'There are no tools'],
    ['show me my conversations', '12 sessions:'],
    ['what is your version and how healthy are you', 'p99 delay'],
  ])('%s is answered with the facts its words name', (question, part) => {
    expect(conciergeReply(question, facts)).toContain(part);
  });

  it('about anything else is told who answers, what is kept, and what can be asked', () => {
    const reply = conciergeReply('Write me a poem', facts);
    expect(reply).toContain('No model is set up here yet');
    expect(reply).toContain('up for 3 hours on port 18789, with 3 clients connected and 12 sessions');
    expect(reply).toContain('Your message is kept');
    expect(reply).toContain('/status');
  });
});

it('tells strain and an empty room as they are', () => {
  const strained = {
    ...facts,
    clients: [],
    connections: 0,
    tools: ['clock'],
    eventLoop: { ...facts.eventLoop, degraded: true },
  };
  expect(conciergeReply('/health', strained)).toContain('Under strain');
  expect(conciergeReply('/status', strained)).toContain('Connected: nobody');
  expect(conciergeReply('/tools', strained)).toContain('1 tool:\n- clock');
});
