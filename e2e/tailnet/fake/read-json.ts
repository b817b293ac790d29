import type { Readable } from 'node:stream';

export async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** `null` for an empty text. */
export async function readJson(stream: Readable): Promise<unknown> {
  const text = await readText(stream);
  return text === '' ? null : (JSON.parse(text) as unknown);
}
