import { GATEWAY_CLIENT_IDS, GATEWAY_CLIENT_MODES } from '@openclaw/gateway-protocol/client-info';
import { z } from 'zod';

// The published schemas are closed and older than real traffic, so frames are checked here. What a client says about
// itself may have keys nobody here knows; the frame around it may not, as at the real gateway.

export const RequestFrame = z.strictObject({
  type: z.literal('req'),
  id: z.string().min(1).max(200),
  method: z.string().min(1).max(200),
  params: z.unknown().optional(),
  traceparent: z.string().max(200).optional(),
  expectedProfileId: z.string().max(200).optional(),
});
export type RequestFrame = z.infer<typeof RequestFrame>;

const Text = z.string().max(1_024);
/** A token may have been made by another program, and be as long as a JWT. */
const Secret = z.string().max(8_192);

export const ConnectParams = z.object({
  minProtocol: z.int(),
  maxProtocol: z.int(),
  client: z.object({
    id: z.enum(Object.values(GATEWAY_CLIENT_IDS)),
    mode: z.enum(Object.values(GATEWAY_CLIENT_MODES)),
    version: Text,
    platform: Text,
    displayName: Text.optional(),
    deviceFamily: Text.optional(),
    instanceId: Text.optional(),
  }),
  role: Text.default('operator'),
  scopes: z.array(Text).max(100).default([]),
  caps: z.array(Text).max(200).default([]),
  /** What a node can be asked to do. */
  commands: z.array(Text).max(500).default([]),
  auth: z.object({ token: Secret.optional(), password: Secret.optional(), deviceToken: Secret.optional() }).optional(),
  device: z
    .object({
      id: Text,
      publicKey: Text,
      signature: Text,
      signedAt: z.number(),
      nonce: Text.optional(),
    })
    .optional(),
});
export type ConnectParams = z.infer<typeof ConnectParams>;

export interface ErrorShape {
  readonly code: 'INVALID_REQUEST' | 'FORBIDDEN' | 'UNAVAILABLE' | 'NOT_PAIRED';
  readonly message: string;
  readonly details?: unknown;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

export type ResponseFrame =
  | { readonly type: 'res'; readonly id: string; readonly ok: true; readonly payload: unknown }
  | {
      readonly type: 'res';
      readonly id: string;
      readonly ok: false;
      readonly error: ErrorShape;
      readonly payload?: unknown;
    };

/** `at /client/id: must be equal to one of the allowed values`: the words that clients of this protocol expect. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'not valid';
  const { path } = issue;
  const isMissing = issue.code === 'invalid_type' && path.length > 0 && issue.message.endsWith('received undefined');
  if (isMissing) return `${placeOf(path.slice(0, -1), '')}must have required property '${String(path.at(-1))}'`;
  return `${placeOf(path, 'at root: ')}${problemOf(issue)}`;
}

function placeOf(path: readonly PropertyKey[], root: string): string {
  return path.length === 0 ? root : `at /${path.join('/')}: `;
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unexpected property '${issue.keys[0] ?? ''}'`;
  if (issue.code === 'invalid_type') return `must be ${issue.expected === 'int' ? 'integer' : issue.expected}`;
  if (issue.code !== 'invalid_value') return issue.message;
  return issue.values.length === 1 ? 'must be equal to constant' : 'must be equal to one of the allowed values';
}
