import { fail, toErrorInfo, type ErrorCode } from '../contract/errors.ts';
import { awaitChallenge } from '../gateway-client/challenge.ts';
import { openGatewaySession } from '../gateway-client/gateway-session.ts';
import type { SessionDevice } from '../gateway-client/kept-device.ts';
import { probeGatewayAt } from '../platform/probe-gateway.ts';
import type { StepRun } from '../platform/step-run.ts';

export const GATEWAY_STEPS = ['gateway', 'protocol', 'token', 'pairing'] as const;

export type GatewayStep = (typeof GATEWAY_STEPS)[number];

export interface GatewayTest {
  /** `ws://` or `wss://`; a port of this computer while a tunnel leads through it. */
  readonly url: string;
  readonly tlsFingerprint: string | undefined;
  /** Name of the gateway, for sentences. */
  readonly gateway: string;
  readonly secret: string | undefined;
  readonly device: SessionDevice | undefined;
  /** What is done without a secret: it may come later, or the gateway may want none. */
  readonly withoutSecret: 'skip' | 'try';
  readonly computer: string;
  readonly platform: string;
  readonly version: string;
  readonly steps: StepRun<GatewayStep>;
  readonly signal: AbortSignal;
}

const STEP_OF: Readonly<Partial<Record<ErrorCode, GatewayStep>>> = {
  'gateway/token-missing': 'token',
  'gateway/token-mismatch': 'token',
  'gateway/rate-limited': 'token',
  'gateway/pairing-required': 'pairing',
};

/** The step that a refused sign-in failed at; those before it went well. */
export function stepOfRefusal(code: ErrorCode): GatewayStep {
  return STEP_OF[code] ?? 'protocol';
}

const PROBE_LIMIT_MS = 5_000;

/**
 * Asks what answers at an address whether it is a gateway, and signs in once.
 * @throws AppError `gateway/*` at the step being taken, or the reason of `signal`
 */
export async function testGateway(test: GatewayTest): Promise<void> {
  await findGateway(test);
  const challengeMs = await greet(test);
  if (test.secret !== undefined || test.withoutSecret === 'try') return signIn(test, challengeMs);
  test.steps.passed('it asks who is there', challengeMs);
  test.steps.skipRest('no token was given');
}

async function findGateway({ url, tlsFingerprint, steps }: GatewayTest): Promise<void> {
  const { compatible, version } = await probeGatewayAt(url.replace(/^ws/, 'http'), PROBE_LIMIT_MS, tlsFingerprint);
  // A timer may end a moment before the measured time does.
  const answered = steps.elapsedMs < PROBE_LIMIT_MS - 50;
  if (!compatible) throw fail(answered ? 'gateway/not-a-gateway' : 'gateway/silent', { url });
  steps.passed(version === undefined ? 'it is alive' : `it is alive, version ${version}`);
}

async function greet({ steps, signal, ...of }: GatewayTest): Promise<number> {
  await awaitChallenge(of, signal);
  return steps.elapsedMs;
}

async function signIn(test: GatewayTest, challengeMs: number): Promise<void> {
  const { url, tlsFingerprint, gateway, secret, device, version, platform, computer, steps, signal } = test;
  try {
    const options = { url, tlsFingerprint, gateway, secret, device, version, platform, computer, onEvent: () => {} };
    const session = await openGatewaySession(options, signal);
    await session.close();
  } catch (error) {
    signal.throwIfAborted();
    const step = stepOfRefusal(toErrorInfo(error).code);
    if (step !== 'protocol') steps.passed('it asks who is there', challengeMs);
    steps.passedUntil(step, 'accepted');
    throw error;
  }
  steps.passed('version 4', challengeMs);
  steps.passed('accepted');
  steps.passedUntil(undefined, 'done, or not asked for');
}
