import { testPlan, type TestStep, type TestStepResult } from '../contract/connection-test.ts';
import { AppError, toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { StepRun } from '../platform/step-run.ts';
import { testSsh, type SshTestDeps } from '../ssh/connection-test.ts';
import type { EngineOptions } from '../ssh/create-tunnel.ts';
import type { Link } from '../ssh/link.ts';
import { LocalForward } from '../ssh/local-forward.ts';
import type { SessionDevice } from '../gateway-client/kept-device.ts';
import { testAddress, type AddressStep } from './address-test.ts';
import type { Endpoint } from './line.ts';
import { GATEWAY_STEPS, testGateway, type GatewayStep, type GatewayTest } from './gateway-test.ts';

/** The way to a gateway, as a test goes it. */
export type TestRoute =
  | { readonly kind: 'ssh'; readonly tunnel: Omit<EngineOptions, 'localPort' | 'acceptNewHostKey'> }
  | { readonly kind: 'direct' | 'local'; readonly url: string; readonly tlsFingerprint: string | undefined };

export interface ConnectionTestOptions {
  readonly route: TestRoute;
  /** Name of the gateway, for sentences. */
  readonly name: string;
  readonly secret: string | undefined;
  readonly device?: SessionDevice | undefined;
  /** Whether the sign-in is a part of the test without one. */
  readonly withoutSecret: GatewayTest['withoutSecret'];
  readonly signal: AbortSignal;
}

export interface ConnectionTestDeps extends SshTestDeps {
  readonly machine: SshTestDeps['machine'] & { readonly computer: string };
  readonly version: string;
  readonly onStep: (result: TestStepResult) => void;
}

export function planOf(route: TestRoute): readonly TestStep[] {
  return testPlan(route.kind, route.kind === 'ssh' ? undefined : route.url);
}

/**
 * Goes the whole way to a gateway once and tells every step as it ends; after the first that fails the others are
 * skipped. Leaves nothing open.
 * @throws the reason of `signal`
 */
export async function testConnection(
  options: ConnectionTestOptions,
  deps: ConnectionTestDeps,
): Promise<readonly TestStepResult[]> {
  const results: TestStepResult[] = [];
  const onStep = (result: TestStepResult): void => {
    results.push(result);
    deps.onStep(result);
  };
  const told = { ...deps, onStep };
  if (options.route.kind === 'ssh') await testTunnel(options, options.route, told);
  else await testDirectly(options, options.route, told);
  const left = planOf(options.route).slice(results.length);
  new StepRun(left, onStep).skipRest('not tried');
  return results;
}

async function testTunnel(
  options: ConnectionTestOptions,
  { tunnel }: Extract<TestRoute, { kind: 'ssh' }>,
  deps: ConnectionTestDeps,
): Promise<void> {
  const through = async (link: Link): Promise<void> => {
    const steps = new StepRun<GatewayStep>(GATEWAY_STEPS, deps.onStep);
    let forward: LocalForward | undefined;
    try {
      forward = await LocalForward.open({ port: 0, clock: deps.clock, log: deps.log, onTrouble: () => {} });
      forward.attach(link);
      await testGateway(
        gatewayTest({ url: `ws://127.0.0.1:${forward.port}`, tlsFingerprint: undefined }, options, { deps, steps }),
      );
    } catch (error) {
      options.signal.throwIfAborted();
      steps.failed(new AppError(atFarEnd(toErrorInfo(error), tunnel), { cause: error }));
    } finally {
      await forward?.close();
    }
  };
  const closed = { ...tunnel, localPort: 0, acceptNewHostKey: false };
  await testSsh(closed, deps, { onStep: deps.onStep, through, signal: options.signal });
}

/** A gateway at an address of its own, or on this computer: no tunnel is in between. */
async function testDirectly(
  options: ConnectionTestOptions,
  route: Extract<TestRoute, { kind: 'direct' | 'local' }>,
  deps: ConnectionTestDeps,
): Promise<void> {
  const plan = planOf(route).filter((step): step is AddressStep => !isGatewayStep(step));
  const address = new StepRun<AddressStep>(plan, deps.onStep);
  try {
    await testAddress({ ...route, plan, steps: address, signal: options.signal });
  } catch (error) {
    options.signal.throwIfAborted();
    return address.failed(error);
  }
  const steps = new StepRun<GatewayStep>(GATEWAY_STEPS, deps.onStep);
  try {
    await testGateway(gatewayTest(route, options, { deps, steps }));
  } catch (error) {
    options.signal.throwIfAborted();
    steps.failed(error);
  }
}

function isGatewayStep(step: TestStep): step is GatewayStep {
  return (GATEWAY_STEPS as readonly TestStep[]).includes(step);
}

function gatewayTest(
  { url, tlsFingerprint }: Endpoint,
  { name, secret, device, withoutSecret, signal }: ConnectionTestOptions,
  { deps, steps }: { readonly deps: ConnectionTestDeps; readonly steps: StepRun<GatewayStep> },
): GatewayTest {
  const { version, machine } = deps;
  const { platform, computer } = machine;
  return {
    url,
    tlsFingerprint,
    gateway: name,
    secret,
    device,
    withoutSecret,
    version,
    platform,
    computer,
    steps,
    signal,
  };
}

/** The port of the test is gone when the sentence is read: what is meant is the one over there. */
function atFarEnd(
  info: ErrorInfo,
  { target, remoteHost, remotePort }: Extract<TestRoute, { kind: 'ssh' }>['tunnel'],
): ErrorInfo {
  if (!info.code.startsWith('gateway/') || !('url' in info.params)) return info;
  const url = `${remoteHost}:${remotePort} on ${target}`;
  return { code: info.code, params: { ...info.params, url } } as ErrorInfo;
}
