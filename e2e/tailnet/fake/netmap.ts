/** One computer of the tailnet, as the control server tells of it. */
export interface NodeFacts {
  readonly id: number;
  /** `gw.tail-test.ts.net`, without the dot at its end. */
  readonly name: string;
  /** IPv4 first. */
  readonly addresses: readonly string[];
  readonly user: number;
  readonly tags: readonly string[];
  readonly capabilities: readonly string[];
  /** Port of 127.0.0.1 where its daemon takes what the tailnet carries. */
  readonly wire: number;
}

export interface UserFacts {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly picture: string;
}

/** What one computer knows of its tailnet. */
export interface Netmap {
  readonly domain: string;
  readonly self: NodeFacts;
  readonly peers: readonly NodeFacts[];
  readonly users: readonly UserFacts[];
}

/** Who has an address; the computer itself is found by its own. */
export function nodeAt(map: Netmap, address: string): NodeFacts | undefined {
  return [map.self, ...map.peers].find(({ addresses }) => addresses.includes(address));
}

/** The user of a computer; a tagged one is everybody's and nobody's. */
export function userOf(map: Netmap, { user, tags }: NodeFacts): UserFacts | undefined {
  if (tags.length > 0) return { id: user, login: 'tagged-devices', name: 'Tagged Devices', picture: '' };
  return map.users.find(({ id }) => id === user);
}
