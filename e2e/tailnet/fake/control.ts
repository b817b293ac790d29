import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

import { readJson } from './read-json.ts';
import type { Netmap, NodeFacts, UserFacts } from './netmap.ts';

// Stands for the control server: tells each daemon who is in the tailnet. Obeys the same lines of standard input.

const DOMAIN = 'tail-test.ts.net';
const DEFAULT_CAPABILITIES = ['https', 'funnel', 'https://tailscale.com/cap/funnel-ports?ports=8080,443'];

/** What a daemon says when it joins. */
export interface Joining {
  readonly key: string;
  readonly hostname: string;
  readonly tags: readonly string[];
  readonly wire: number;
}

const nodes = new Map<string, NodeFacts>();
const users: UserFacts[] = [];

function join({ key, hostname, tags, wire }: Joining): void {
  const known = nodes.get(key);
  if (known !== undefined) {
    nodes.set(key, { ...known, wire });
    return;
  }
  const id = nodes.size + 1;
  const login = `user-${id}@fake-control.example.net`;
  users.push({ id, login, name: `User ${id}`, picture: '' });
  nodes.set(key, {
    id,
    name: `${hostname}.${DOMAIN}`,
    addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`],
    user: id,
    tags,
    capabilities: DEFAULT_CAPABILITIES,
    wire,
  });
}

function mapFor(key: string): Netmap | null {
  const self = nodes.get(key);
  if (self === undefined) return null;
  return { domain: DOMAIN, self, peers: [...nodes.values()].filter((node) => node !== self), users };
}

function obey([order, host, list]: readonly string[]): string {
  const found = [...nodes].find(([, { name }]) => name === `${host}.${DOMAIN}`);
  if (order !== 'capabilities' || list === undefined) return 'failed an order nobody knows';
  if (found === undefined) return 'failed no such computer';
  const [key, node] = found;
  nodes.set(key, { ...node, capabilities: list.split(';') });
  return 'done';
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const asked = await readJson(request);
  if (request.url === '/join') join(asked as Joining);
  return mapFor((asked as Joining).key);
}

const server = createServer((request, response) => {
  void answer(request).then((json) => response.end(JSON.stringify(json)));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`control http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
createInterface(process.stdin)
  .on('line', (line) => process.stdout.write(`${obey(line.trim().split(/\s+/))}\n`))
  .on('close', () => process.exit(0));
