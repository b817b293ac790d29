import { z } from 'zod';

/** What a program of the other computer says about its gateway. */
export interface GatewayThere {
  readonly port: number;
  /** `undefined` when it is open or asks for a password. */
  readonly token: string | undefined;
}

const Port = z.int().min(1).max(65_535);
const Token = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/);

const Ours = z.object({ port: Port, mode: z.enum(['none', 'token', 'password']), token: Token.optional() });

const Dashboard = z.object({ ok: z.literal(true), url: z.url(), port: Port, tokenIncluded: z.boolean() });

const Pending = z.object({ requestId: z.string(), deviceId: z.string() });
const Devices = z.object({ port: Port.optional(), pending: z.array(z.looseObject(Pending.shape)) });

export interface DevicesThere {
  /** Of the gateway they wait at; the real `openclaw` does not say. */
  readonly port: number | undefined;
  readonly pending: readonly z.infer<typeof Pending>[];
}

/** The answer of `gangway gateway token --json`. */
export function readOurs(stdout: string): GatewayThere | undefined {
  const parsed = Ours.safeParse(jsonAtEnd(stdout));
  if (!parsed.success) return undefined;
  const { port, mode, token } = parsed.data;
  return { port, token: mode === 'token' ? token : undefined };
}

/**
 * The answer of `openclaw dashboard --no-open --json`: its `url` carries the token in the fragment. Recorded from
 * OpenClaw 2026.9.6; its `config get` shows no secret, and its `gateway auth-token` insists on a terminal.
 */
export function readDashboard(stdout: string): GatewayThere | undefined {
  const parsed = Dashboard.safeParse(jsonAtEnd(stdout));
  if (!parsed.success) return undefined;
  const { url, port, tokenIncluded } = parsed.data;
  if (!tokenIncluded) return { port, token: undefined };
  const token = Token.safeParse(new URLSearchParams(new URL(url).hash.slice(1)).get('token'));
  return token.success ? { port, token: token.data } : undefined;
}

/** The answer of `gangway gateway devices --json` or `openclaw devices list --json`. */
export function readPending(stdout: string): DevicesThere | undefined {
  const parsed = Devices.safeParse(jsonAtEnd(stdout));
  if (!parsed.success) return undefined;
  const { port, pending } = parsed.data;
  return { port, pending: pending.map(({ requestId, deviceId }) => ({ requestId, deviceId })) };
}

/** ECMA-48: what sets titles, colours and modes of a terminal. Shells write some of it even where there is none. */
// oxlint-disable-next-line no-control-regex -- they begin with one
const TERMINAL_CODES = /\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)|\u001B\[[0-?]*[ -/]*[@-~]/g;

/**
 * A login shell may greet before the program answers, and take its leave behind it: the answer is the last object that
 * begins a line and ends one.
 */
function jsonAtEnd(stdout: string): unknown {
  const said = stdout.replaceAll(TERMINAL_CODES, '');
  const text = said.slice(0, said.lastIndexOf('}') + 1);
  for (let at = startOfLine(text, 0); at !== -1; at = startOfLine(text, at + 1)) {
    try {
      return JSON.parse(text.slice(at));
    } catch {
      // A brace of the greeting, not of the answer.
    }
  }
  return undefined;
}

function startOfLine(text: string, from: number): number {
  if (from === 0 && text.startsWith('{')) return 0;
  const found = text.indexOf('\n{', Math.max(0, from - 1));
  return found === -1 ? -1 : found + 1;
}
