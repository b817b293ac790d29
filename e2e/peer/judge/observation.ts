import type { Frame, ScriptedClient } from './scripted-client.ts';

/** What a gateway did, in words that are the same for two gateways that do the same. */
export type Observation = string;

/** An answer: whether it went well, and what of it matters; of a refusal everything. */
export function answerOf(frame: Frame | undefined, keys: readonly string[] = []): Observation {
  if (frame === undefined) return 'no answer';
  if (frame.ok === true) return keys.length === 0 ? 'ok' : `ok ${show(pick(frame.payload, keys))}`;
  const { code = '', message = '', details, retryable } = frame.error ?? {};
  return `${code} “${plain(message)}”${details === undefined ? '' : ` ${show(details)}`}${retryable === true ? ' retryable' : ''}`;
}

/** The answer to a connect and, when it is a refusal, the close that follows. */
export async function admissionOf(client: ScriptedClient, frame: Frame | undefined): Promise<Observation> {
  if (frame?.ok === true) {
    const { auth } = frame.payload as { auth: { role: string; scopes: readonly string[]; deviceToken?: string } };
    return `in as ${auth.role} with ${show(auth.scopes)}${auth.deviceToken === undefined ? '' : ' and a device token'}`;
  }
  const { code, reason } = await client.closed;
  return `${answerOf(frame)}, close ${code} “${plain(reason).slice(0, 60)}”`;
}

/** Values at paths such as `auth.scopes` or `nodes.0.commands`. */
function pick(value: unknown, paths: readonly string[]): Record<string, unknown> {
  const at = (path: string): unknown =>
    path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
  return Object.fromEntries(paths.map((path) => [path, at(path)]));
}

/** Without what differs from run to run, and without the advice in parentheses, which is each gateway's own. */
function show(value: unknown): string {
  return plain(JSON.stringify(sorted(value)));
}

function plain(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{64}/g, '<device>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\b1[0-9]{12}\b/g, '<time>')
    .replaceAll(/ \((?!requestId)[^)]*\)?/g, '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
