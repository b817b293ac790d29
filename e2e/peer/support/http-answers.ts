import { request } from 'node:http';
import { createServer } from 'node:net';

const POLL_MS = 10;

/**
 * Waits until a GET of `url` is answered with 200 and resolves with the milliseconds since `startedAtMs`
 * (`performance.now()`).
 *
 * @throws Error when `stillRunning` says no, or after `timeoutMs`
 */
export async function untilAnswered(
  url: string,
  { startedAtMs, timeoutMs, stillRunning }: { startedAtMs: number; timeoutMs: number; stillRunning: () => boolean },
): Promise<number> {
  while (!(await answersOk(url))) {
    if (!stillRunning()) throw new Error(`The program ended before ${url} answered`);
    if (performance.now() - startedAtMs > timeoutMs) throw new Error(`${url} did not answer in ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return performance.now() - startedAtMs;
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

/** A port of 127.0.0.1 that nobody uses, chosen by the system. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return address.port;
}
