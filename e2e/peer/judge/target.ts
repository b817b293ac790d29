import { request } from 'node:http';

import { ScriptedClient, type Hello } from './scripted-client.ts';

/** A gateway under the judge: the real one or ours. */
export interface Target {
  readonly port: number;
  readonly token: string;
}

export const ALL_SCOPES = ['operator.admin', 'operator.pairing', 'operator.read', 'operator.write'];

export type Headers = Readonly<Record<string, string>>;

export function open({ port }: Target, headers: Headers = {}, path = '/'): Promise<ScriptedClient> {
  return ScriptedClient.open(`ws://127.0.0.1:${port}${path}`, headers);
}

/** Signs in with the token unless `hello` says otherwise. */
export async function enter(target: Target, hello: Hello = {}, headers: Headers = {}) {
  const client = await open(target, headers);
  const answer = await client.connect({ auth: { token: target.token }, ...hello });
  return { client, answer };
}

export async function operator(target: Target, scopes: readonly string[] = ALL_SCOPES): Promise<ScriptedClient> {
  const { client, answer } = await enter(target, { scopes });
  if (answer?.ok !== true) throw new Error(`the operator was refused: ${JSON.stringify(answer)}`);
  return client;
}

export interface HttpAsked {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/** Status, the headers that matter, and the body when it is short. */
export function http({ port }: Target, path: string, { method = 'GET', headers = {}, body }: HttpAsked = {}) {
  return new Promise<string>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const { allow, 'retry-after': retryAfter } = response.headers;
        const type = response.headers['content-type']?.split(';')[0] ?? 'no type';
        const shown = type === 'text/html' ? '' : ` ${messageless(text)}`;
        const extra = [allow && `Allow: ${allow}`, retryAfter && 'Retry-After'].filter(Boolean).join(', ');
        resolve(`${response.statusCode} ${type}${shown}${extra && ` ${extra}`}`);
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Sentences are each gateway's own; what programs read is not. */
function messageless(text: string): string {
  return text
    .replaceAll(/"message":"[^"]*"/g, '"message":"…"')
    .replaceAll(/"(uptimeMs|created)":\d+/g, '"$1":n')
    .replaceAll(/"version":"[^"]*"/g, '"version":"…"')
    .replace(/"eventLoop":\{.*$/, '"eventLoop":{…}')
    .slice(0, 300);
}
