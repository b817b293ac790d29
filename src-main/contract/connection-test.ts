import type { NewGateway } from './calls.ts';
import { describeError, retryAdvice, type ErrorInfo } from './errors.ts';
import type { GatewayId, GatewayKind } from './snapshot.ts';

/** One station of a connection test, from the name of the other computer to a signed-in gateway. */
export type TestStep =
  'dns' | 'tcp' | 'tls' | 'host-key' | 'authentication' | 'forward' | 'gateway' | 'protocol' | 'token' | 'pairing';

const GATEWAY_STEPS = ['gateway', 'protocol', 'token', 'pairing'] as const;

/** What a test goes through, in this order. */
const PLANS: Readonly<Record<GatewayKind | 'direct-tls', readonly TestStep[]>> = {
  ssh: ['dns', 'tcp', 'host-key', 'authentication', 'forward', ...GATEWAY_STEPS],
  direct: ['dns', 'tcp', ...GATEWAY_STEPS],
  'direct-tls': ['dns', 'tcp', 'tls', ...GATEWAY_STEPS],
  local: ['tcp', ...GATEWAY_STEPS],
};

/** The steps for a gateway; `address` is the URL of a direct one. */
export function testPlan(kind: GatewayKind, address?: string): readonly TestStep[] {
  return PLANS[kind === 'direct' && /^(wss|https):/i.test(address ?? '') ? 'direct-tls' : kind];
}

export const STEP_NAMES: Readonly<Record<TestStep, string>> = {
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  'host-key': 'Host key',
  authentication: 'Sign-in',
  forward: 'Forward',
  gateway: 'Gateway',
  protocol: 'Protocol',
  token: 'Token',
  pairing: 'Pairing',
};

/** What became of one step. */
export interface TestStepResult {
  readonly step: TestStep;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Milliseconds to a tenth; `undefined` where the step was not measured by itself. */
  readonly ms: number | undefined;
  /** What was seen, in a few words. */
  readonly found: string;
  /** Set exactly when `status` is `failed`. */
  readonly cause?: ErrorInfo;
}

/** A gateway of the list, or one that a person is about to add. Its token is used once and not kept. */
export type TestSubject =
  { readonly id: GatewayId } | { readonly gateway: NewGateway; readonly token?: string | undefined };

/** How far a test has come. Told as a whole each time, so a report that is missed does no harm. */
export interface TestReport {
  /** Chosen by whoever started the test. */
  readonly run: string;
  readonly status: 'running' | 'done' | 'cancelled';
  readonly plan: readonly TestStep[];
  readonly results: readonly TestStepResult[];
}

/** What to do about a step that failed. A line that is kept tries again by itself, and its sentences say so; a test does not. */
export function nextAfterTest(cause: ErrorInfo): string {
  if (cause.code === 'ssh/forward-refused') return `Start the gateway on ${cause.params.host}, then test again.`;
  return retryAdvice(cause) === 'retry' ? 'Test again when that has changed.' : describeError(cause).next;
}
