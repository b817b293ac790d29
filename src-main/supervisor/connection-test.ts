import { AppError, fail, toErrorInfo, type ErrorCode, type ErrorInfo } from '../contract/errors.ts';
import { awaitChallenge } from '../gateway-client/challenge.ts';
import { openGatewaySession } from '../gateway-client/gateway-session.ts';
import { probeGateway } from '../platform/probe-gateway.ts';
import { StepRun, type StepResult } from '../platform/step-run.ts';
import { SSH_STEPS, testSsh } from '../ssh/connection-test.ts';
import type { DialDeps } from '../ssh/dialer.ts';
import type { Link } from '../ssh/link.ts';
import { LocalForward } from '../ssh/local-forward.ts';
import type { TunnelOptions } from '../ssh/tunnel.ts';

const GATEWAY_STEPS = ['gateway', 'protocol', 'token', 'pairing'] as const;

type GatewayStep = (typeof GATEWAY_STEPS)[number];

/** Every step from the name of the other computer to a signed-in gateway, in this order. */
export const TEST_STEPS = [...SSH_STEPS, ...GATEWAY_STEPS] as const;

export type TestStep = (typeof TEST_STEPS)[number];

export interface ConnectionTestOptions {
  readonly tunnel: Omit<TunnelOptions, 'localPort' | 'acceptNewHostKey'>;
  /** Without one, the test ends before the sign-in. */
  readonly secret: string | undefined;
  readonly signal: AbortSignal;
}

export interface ConnectionTestDeps extends DialDeps {
  readonly machine: DialDeps['machine'] & { readonly computer: string };
  readonly version: string;
  readonly onStep: (result: StepResult<TestStep>) => void;
}

const PROBE_LIMIT_MS = 5_000;

/**
 * Goes the whole way once: by SSH to the far port, through it to the gateway. Tells every step as it ends; after the
 * first that fails the others are skipped. Leaves nothing open.
 * @throws the reason of `signal`
 */
export async function testConnection(
  options: ConnectionTestOptions,
  deps: ConnectionTestDeps,
): Promise<readonly StepResult<TestStep>[]> {
  const results: StepResult<TestStep>[] = [];
  const onStep = (result: StepResult<TestStep>): void => {
    results.push(result);
    deps.onStep(result);
  };
  const tunnel = { ...options.tunnel, localPort: 0, acceptNewHostKey: false };
  const through = async (link: Link): Promise<void> => {
    await testGateway(link, { options, deps, steps: new StepRun<GatewayStep>(GATEWAY_STEPS, onStep) });
  };
  await testSsh(tunnel, deps, { onStep, through, signal: options.signal });
  if (results.length < TEST_STEPS.length) new StepRun<GatewayStep>(GATEWAY_STEPS, onStep).skipRest('not tried');
  return results;
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

interface GatewayTest {
  readonly options: ConnectionTestOptions;
  readonly deps: ConnectionTestDeps;
  readonly steps: StepRun<GatewayStep>;
}

async function testGateway(link: Link, test: GatewayTest): Promise<void> {
  const { clock, log } = test.deps;
  const { signal, tunnel } = test.options;
  let forward: LocalForward | undefined;
  try {
    forward = await LocalForward.open({ port: 0, clock, log, onTrouble: () => {} });
    forward.attach(link);
    await findGateway(forward.port, test);
    await signIn(forward.port, test);
  } catch (error) {
    signal.throwIfAborted();
    test.steps.failed(new AppError(atFarEnd(toErrorInfo(error), tunnel), { cause: error }));
  } finally {
    await forward?.close();
  }
}

async function findGateway(port: number, { steps }: GatewayTest): Promise<void> {
  const { compatible, version } = await probeGateway(port, PROBE_LIMIT_MS);
  const url = `ws://127.0.0.1:${port}`;
  // A timer may end a moment before the measured time does.
  const answered = steps.elapsedMs < PROBE_LIMIT_MS - 50;
  if (!compatible) throw fail(answered ? 'gateway/not-a-gateway' : 'gateway/silent', { url });
  steps.passed(version === undefined ? 'it is alive' : `it is alive, version ${version}`);
}

async function signIn(port: number, { steps, deps, options }: GatewayTest): Promise<void> {
  const { version, machine } = deps;
  const { secret, signal, tunnel } = options;
  const names = { url: `ws://127.0.0.1:${port}`, gateway: tunnel.target };
  await awaitChallenge(names, signal);
  const challengeMs = steps.elapsedMs;
  if (secret === undefined) {
    steps.passed('it asks who is there', challengeMs);
    return steps.skipRest('no token was given');
  }
  const { platform, computer } = machine;
  const sessionOptions = { ...names, secret, version, platform, computer, onEvent: () => {} };
  try {
    const session = await openGatewaySession(sessionOptions, signal);
    await session.close();
  } catch (error) {
    const step = stepOfRefusal(toErrorInfo(error).code);
    if (step !== 'protocol') steps.passed('it asks who is there', challengeMs);
    steps.passedUntil(step, 'accepted');
    throw error;
  }
  steps.passed('version 4', challengeMs);
  steps.passed('accepted');
  steps.passedUntil(undefined, 'done, or not asked for');
}

/** The port of the test is gone when the sentence is read: what is meant is the one over there. */
function atFarEnd(info: ErrorInfo, { target, remoteHost, remotePort }: ConnectionTestOptions['tunnel']): ErrorInfo {
  if (!info.code.startsWith('gateway/') || !('url' in info.params)) return info;
  const url = `${remoteHost}:${remotePort} on ${target}`;
  return { code: info.code, params: { ...info.params, url } } as ErrorInfo;
}
