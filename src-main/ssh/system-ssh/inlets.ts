import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** Where `ssh` listens for us, for one remote address. */
export interface Inlet {
  /** The first part of `-L`. */
  readonly listen: string;
  connect(): Socket;
}

/**
 * A socket in the private folder that `ssh` runs in, which nobody else may enter. `ssh` on Windows forwards no such
 * sockets, so a loopback port does there.
 */
export async function createInlet(folder: string, name: string, platform: NodeJS.Platform): Promise<Inlet> {
  if (platform !== 'win32') {
    const path = join(folder, name);
    // Relative, because `:` and `%` in the name of the folder would mean something to `ssh`.
    return { listen: `./${name}`, connect: () => connect({ path, allowHalfOpen: true }) };
  }
  const port = await unusedPort();
  return {
    listen: `127.0.0.1:${port}`,
    connect: () => connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true }),
  };
}

function unusedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
