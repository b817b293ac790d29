/** What the concierge tells from: read at the moment of the question. */
export interface ConciergeFacts {
  readonly version: string;
  readonly computer: string;
  readonly uptimeMs: number;
  readonly nowMs: number;
  readonly address: string;
  readonly bind: string;
  readonly authMode: string;
  /** People and nodes that are connected now, by the name they gave. */
  readonly clients: readonly string[];
  /** Everything that is connected now, programs too. */
  readonly connections: number;
  readonly agents: readonly string[];
  readonly tools: readonly string[];
  readonly methods: number;
  readonly sessions: { readonly count: number; readonly recent: readonly { key: string; updatedAtMs: number }[] };
  readonly memoryBytes: number;
  readonly eventLoop: { readonly degraded: boolean; readonly delayP99Ms: number; readonly utilization: number };
}

interface Command {
  readonly name: string;
  readonly about: string;
  /** Words in a plain question that ask for the same. */
  readonly asks: RegExp;
  readonly reply: (facts: ConciergeFacts) => readonly string[];
}

const COMMANDS: readonly Command[] = [
  { name: 'status', about: 'what this gateway is doing', asks: /\b(status|uptime|version|running)\b/i, reply: status },
  { name: 'health', about: 'how well it is', asks: /\b(health|healthy|memory|slow|load)\b/i, reply: health },
  { name: 'tools', about: 'the tools that agents may use', asks: /\btools?\b/i, reply: tools },
  {
    name: 'sessions',
    about: 'the latest conversations',
    asks: /\b(sessions?|conversations?|chats?)\b/i,
    reply: sessions,
  },
  { name: 'help', about: 'this list', asks: /\b(help|commands?|what can you)\b/i, reply: help },
];

const SHOWN_SESSIONS = 10;

/** Answers a command, or a plain question as far as its words name one; otherwise says what there is to ask. */
export function conciergeReply(message: string, facts: ConciergeFacts): string {
  const text = message.trim();
  const wanted = /^\/(\S+)/.exec(text)?.[1]?.toLowerCase();
  if (wanted !== undefined) {
    const command = COMMANDS.find(({ name }) => name === wanted);
    return lines(command?.reply(facts) ?? [`There is no command /${wanted.slice(0, 40)}.`, '', ...help(facts)]);
  }
  const asked = COMMANDS.filter(({ asks }) => asks.test(text));
  if (asked.length > 0)
    return lines(asked.flatMap(({ reply }, at) => (at === 0 ? reply(facts) : ['', ...reply(facts)])));
  return lines(introduction(facts));
}

function introduction(facts: ConciergeFacts): readonly string[] {
  return [
    `This is the concierge of the gateway on ${facts.computer}. No model is set up here yet, so I answer from what the gateway knows of itself.`,
    '',
    `It has been up for ${duration(facts.uptimeMs)} on ${facts.address}, with ${counted(facts.connections, 'client')} connected and ${counted(facts.sessions.count, 'session')}.`,
    'Your message is kept in this session, so nothing has to be said twice once a model answers.',
    '',
    ...help(facts),
  ];
}

function status(facts: ConciergeFacts): readonly string[] {
  return [
    `Gangway ${facts.version} on ${facts.computer}`,
    `Up for ${duration(facts.uptimeMs)}`,
    `Listens on ${facts.address} (${facts.bind}), sign-in by ${facts.authMode}`,
    `Connected: ${connected(facts)}`,
    `Agents: ${facts.agents.join(', ')}; model: none`,
    `Sessions: ${facts.sessions.count}; methods: ${facts.methods}`,
  ];
}

function connected({ clients, connections }: ConciergeFacts): string {
  const programs = connections - clients.length;
  const parts = [...clients, ...(programs > 0 ? [counted(programs, 'program')] : [])];
  return parts.length === 0 ? 'nobody' : parts.join(', ');
}

function health({ eventLoop, memoryBytes, uptimeMs }: ConciergeFacts): readonly string[] {
  return [
    eventLoop.degraded ? 'Under strain' : 'Well',
    `Memory: ${Math.round(memoryBytes / 1024 / 1024)} MiB`,
    `Event loop: ${Math.round(eventLoop.utilization * 100)} % busy, p99 delay ${eventLoop.delayP99Ms.toFixed(1)} ms`,
    `Up for ${duration(uptimeMs)}`,
  ];
}

function tools(facts: ConciergeFacts): readonly string[] {
  if (facts.tools.length === 0) return ['There are no tools on this gateway.'];
  return [`${counted(facts.tools.length, 'tool')}:`, ...facts.tools.map((tool) => `- ${tool}`)];
}

function sessions({ sessions: { count, recent }, nowMs }: ConciergeFacts): readonly string[] {
  const shown = recent.slice(0, SHOWN_SESSIONS);
  const rows = shown.map(({ key, updatedAtMs }) => `- ${key}, ${duration(nowMs - updatedAtMs)} ago`);
  const more = count > shown.length ? [`- and ${count - shown.length} more`] : [];
  return [`${counted(count, 'session')}:`, ...rows, ...more];
}

function help(_facts: ConciergeFacts): readonly string[] {
  return ['You can ask:', ...COMMANDS.map(({ name, about }) => `- /${name}: ${about}`)];
}

function lines(parts: readonly string[]): string {
  return parts.join('\n');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return counted(seconds, 'second');
  if (seconds < 3_600) return counted(Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return counted(Math.floor(seconds / 3_600), 'hour');
  return counted(Math.floor(seconds / 86_400), 'day');
}
