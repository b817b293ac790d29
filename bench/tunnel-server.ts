import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The process that the tunnels lead to. */
export interface TunnelServer extends AsyncDisposable {
  readonly port: number;
}

/** @throws Error when it ends before it listens */
export async function startTunnelServer(): Promise<TunnelServer> {
  const child = fork(fileURLToPath(new URL('./tunnel-server-process.ts', import.meta.url)));
  const exited = once(child, 'exit');
  const told = once(child, 'message').then(([port]) => Number(port));
  const port = await Promise.race([told, exited.then(() => undefined)]);
  if (port === undefined) throw new Error('The server of the benchmark did not start.');
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
