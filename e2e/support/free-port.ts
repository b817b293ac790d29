import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Outgoing connections take their ports from 32768 on: a port that is free there need not stay free. */
const FIRST = 20_000;
const END = 32_768;
const ATTEMPTS = 50;

/** A TCP port of loopback that nothing listens on. It is free now: nothing holds it for the caller. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, END);
    if (await canListen(port)) return port;
  }
  throw new Error(`No free TCP port was found between ${FIRST} and ${END - 1} in ${ATTEMPTS} attempts.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
