import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TunnelRoute } from './tunnel-lanes.ts';

/** The same server under the port of a relay before it. */
export async function underPort(sshPort: number, route: TunnelRoute): Promise<TunnelRoute> {
  const known = await readFile(route.knownHostsFile, 'utf8');
  const knownHostsFile = join(route.folder, `known_hosts_${sshPort}`);
  await writeFile(knownHostsFile, known.replace(`:${route.sshPort} `, `:${sshPort} `));
  return { ...route, sshPort, knownHostsFile };
}
