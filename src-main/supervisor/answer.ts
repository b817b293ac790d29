import { z } from 'zod';

import { CALLS, type CallName, type CallResult, type Calls } from '../contract/calls.ts';
import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import { FUNNEL_TIME, PASSWORD_MIN_CHARS } from '../contract/exposure.ts';
import { TLS_FINGERPRINT } from '../contract/tls-fingerprint.ts';
import type { GatewayId } from '../contract/snapshot.ts';
import type { SupervisorApi } from './supervisor-api.ts';

const Port = z.int().min(1).max(65_535);
const Id = z
  .string()
  .min(1)
  .max(64)
  .transform((id) => id as GatewayId);
const Name = z.string().trim().min(1, 'A name is needed').max(60);
const Path = z.string().min(1).max(1_024);
const RemoteHost = z.string().regex(/^(?!-)[\w.:%-]{1,253}$/, 'That is no host name or address');
const ForwardInput = z.strictObject({ localPort: Port, remoteHost: RemoteHost, remotePort: Port });
const Engine = z.enum(['built-in', 'system-ssh']);
const OfGateway = z.strictObject({ id: Id });

const NewSsh = z.strictObject({
  kind: z.literal('ssh'),
  name: Name,
  target: z.string().trim().min(1, 'A target is needed').max(300),
  engine: Engine.optional(),
  remotePort: Port.optional(),
  localPort: Port.optional(),
  identityFile: Path.optional(),
  knownHostsFile: Path.optional(),
  sshConfigFile: Path.optional(),
});

const Fingerprint = z.string().regex(TLS_FINGERPRINT);
const NewDirect = z.strictObject({
  kind: z.literal('direct'),
  name: Name,
  url: z.string().min(1).max(2_048),
  tlsFingerprint: Fingerprint.optional(),
  trustedNetwork: z.boolean().optional(),
});

const NewGatewaySchema = z.discriminatedUnion('kind', [NewSsh, NewDirect]);
const Token = z.string().min(1, 'A token is needed').max(4_096);
const Run = z.string().regex(/^[\w-]{8,64}$/);
const Subject = z.union([OfGateway, z.strictObject({ gateway: NewGatewaySchema, token: Token.optional() })]);

const OfPickup = z.strictObject({ id: Id, what: z.enum(['token', 'approval']) });
const Decision = {
  fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
  how: z.enum(['always', 'once', 'replace']).optional(),
};

const Duration = z
  .int()
  .min(FUNNEL_TIME.minMs, 'It is open for 15 minutes at least')
  .max(FUNNEL_TIME.maxMs, 'It is open for 24 hours at most');
const ExposureRequestSchema = z
  .strictObject({ mode: z.enum(['off', 'serve', 'funnel']), port: Port.optional(), forMs: Duration.optional() })
  .refine(({ mode, forMs }) => mode === 'funnel' || forMs === undefined, 'Only a Funnel closes by itself');

const Password = z
  .string()
  .min(PASSWORD_MIN_CHARS, `A password has ${PASSWORD_MIN_CHARS} characters or more`)
  .max(1_024)
  // The configuration takes neither; said here without showing what was typed.
  .regex(/^\P{Cc}*$/u, 'A password is one line')
  .refine((text) => text.trim() === text, 'A password neither begins nor ends with a space');
const NewPasswordSchema = z.discriminatedUnion('how', [
  z.strictObject({ how: z.literal('typed'), password: Password }),
  z.strictObject({ how: z.literal('generated') }),
]);

/** Run-time form of the contract: strict, so that a call can carry nothing that nobody reads. */
const INPUTS: { readonly [C in CallName]: z.ZodType } = {
  'snapshot.get': z.undefined(),
  'gateway.use': OfGateway,
  'gateway.off': z.undefined(),
  'gateway.keep': z.strictObject({ id: Id, keep: z.boolean() }),
  'gateway.retry': OfGateway,
  'gateway.add': NewGatewaySchema,
  'gateway.remove': OfGateway,
  'gateway.move': z.strictObject({ id: Id, port: Port }),
  'gateway.attach': OfGateway,
  'gateway.set-token': z.strictObject({ id: Id, token: Token }),
  'gateway.set-identity': z.strictObject({ id: Id, file: Path }),
  'gateway.add-forward': z.strictObject({ id: Id, forward: ForwardInput }),
  'gateway.remove-forward': z.strictObject({ id: Id, localPort: Port }),
  'gateway.set-engine': z.strictObject({ id: Id, engine: Engine }),
  'gateway.trust-certificate': z.strictObject({ id: Id, fingerprint: Fingerprint }),
  'gateway.trust-network': z.strictObject({ id: Id, trusted: z.boolean() }),
  'gateway.trust-host-key': z.union([
    z.strictObject({ id: Id, ...Decision }),
    z.strictObject({ gateway: NewGatewaySchema, ...Decision }),
  ]),
  'pickup.plan': OfPickup,
  'pickup.run': OfPickup,
  'pickup.cancel': OfGateway,
  'test.run': z.strictObject({ run: Run, of: Subject }),
  'test.cancel': z.strictObject({ run: Run }),
  'gateway.answer': z.strictObject({
    id: Id,
    questionId: z.string().min(1).max(64),
    answers: z.array(z.string().max(4_096)).min(1).max(16),
    remember: z.boolean(),
  }),
  'gateway.decline': z.strictObject({ id: Id, questionId: z.string().min(1).max(64) }),
  'gateway.forget-sign-in': OfGateway,
  'exposure.plan': ExposureRequestSchema,
  'exposure.devices': z.undefined(),
  'exposure.apply': ExposureRequestSchema,
  'exposure.retry': z.undefined(),
  'exposure.extend': z.undefined(),
  'exposure.undo': z.undefined(),
  'exposure.set-password': NewPasswordSchema,
  'exposure.listen-here': z.undefined(),
  'gateway.env': z.undefined(),
};

/**
 * Answers one call from outside the process. Never rejects: whatever goes wrong comes back as data.
 * `input` is untrusted. A window may only make the calls that the contract opens to windows.
 */
export async function answerCall<C extends CallName>(
  api: SupervisorApi,
  call: { readonly name: C; readonly input: unknown },
  from: 'window' | 'terminal',
): Promise<CallResult<C>> {
  try {
    const input = checkedInput(call, from);
    const handler = api.handlers[call.name] as (input: unknown) => Promise<Calls[C]['output']>;
    return { ok: true, value: await handler(input) };
  } catch (error) {
    return { ok: false, error: toErrorInfo(error) };
  }
}

function checkedInput({ name, input }: { name: CallName; input: unknown }, from: 'window' | 'terminal'): unknown {
  if (!Object.hasOwn(CALLS, name)) throw invalid(name, 'There is no such call');
  if (from === 'window' && !CALLS[name].window) throw fail('app/not-here', { call: name });
  const parsed = INPUTS[name].safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw invalid(name, `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not valid'}`);
}

function invalid(call: string, problem: string): AppError {
  return fail('app/input-invalid', { call, problem });
}
