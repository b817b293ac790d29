import { z } from 'zod';

// What is kept of one device, all of it in one row: a change is one write, whole or not at all.

const Role = z.enum(['operator', 'node']);
export type Role = z.infer<typeof Role>;

const Scopes = z.array(z.string()).readonly();

/** What a device says it is. A change of platform or family needs a new approval. */
const Facts = z.object({
  displayName: z.string().optional(),
  platform: z.string(),
  deviceFamily: z.string().optional(),
  clientId: z.string(),
  clientMode: z.string(),
  version: z.string(),
});
export type DeviceFacts = z.infer<typeof Facts>;

const Token = z.object({
  scopes: Scopes,
  /** Part of what the token is made from: another number is another token. */
  generation: z.int(),
  createdAtMs: z.number(),
  rotatedAtMs: z.number().optional(),
  revokedAtMs: z.number().optional(),
});
export type DeviceToken = z.infer<typeof Token>;

const Approval = z.object({
  via: z.enum(['silent', 'owner']),
  roles: z.array(Role).readonly(),
  /** For the role of operator; a node has none. */
  scopes: Scopes,
  createdAtMs: z.number(),
  approvedAtMs: z.number(),
});

const PairingRequest = z.object({
  requestId: z.string(),
  /** All that was asked for since the last decision. */
  roles: z.array(Role).readonly(),
  scopes: Scopes,
  facts: Facts,
  origin: z.string().optional(),
  remoteIp: z.string().optional(),
  /** The device was approved before, for something else. */
  isRepair: z.boolean(),
  atMs: z.number(),
});
export type PairingRequest = z.infer<typeof PairingRequest>;

/** What a node offers. */
const Surface = z.object({ caps: z.array(z.string()).readonly(), commands: z.array(z.string()).readonly() });
export type Surface = z.infer<typeof Surface>;

const NodeApproval = Surface.extend({ createdAtMs: z.number(), approvedAtMs: z.number() });
const SurfaceRequest = Surface.extend({ requestId: z.string(), atMs: z.number() });
export type SurfaceRequest = z.infer<typeof SurfaceRequest>;

export const DeviceRecord = z.object({
  deviceId: z.string(),
  /** The raw Ed25519 key, base64url. */
  publicKey: z.string(),
  /** A name given by a person. */
  label: z.string().optional(),
  facts: Facts,
  approval: Approval.optional(),
  tokens: z.partialRecord(Role, Token).default({}),
  request: PairingRequest.optional(),
  node: NodeApproval.optional(),
  nodeRequest: SurfaceRequest.optional(),
  lastSeenAtMs: z.number().optional(),
});
export type DeviceRecord = z.infer<typeof DeviceRecord>;
