import { request } from 'node:https';

/** The first certificate takes up to a minute, for which nobody is kept waiting. */
const LIMIT_MS = 8_000;

/** The status of an answer to `GET`, by the certificates this computer trusts; rejects where there is none. */
export function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { signal: AbortSignal.timeout(LIMIT_MS), agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}
