import type { TestSubject } from '../contract/connection-test.ts';
import { fail } from '../contract/errors.ts';
import { LOCAL_GATEWAY, type GatewayId } from '../contract/snapshot.ts';
import type { GatewayRoute, Settings } from '../config/settings-schema.ts';
import { parseGatewayUrl } from '../gateway-client/gateway-url.ts';
import type { SessionDevice } from '../gateway-client/kept-device.ts';
import {
  planOf,
  testConnection,
  type ConnectionTestDeps,
  type ConnectionTestOptions,
  type TestRoute,
} from './connection-test.ts';
import type { Endpoint } from './line.ts';
import { routeOf } from './new-record.ts';
import type { PreparedTest } from './test-runs.ts';

export interface PrepareTestDeps extends Omit<ConnectionTestDeps, 'onStep'> {
  readonly settings: () => Settings;
  readonly tokenOf: (id: GatewayId) => Promise<string | undefined>;
  readonly deviceOf: (id: GatewayId) => SessionDevice | undefined;
  /** Where the gateway of this computer listens, or would. */
  readonly localEndpoint: () => Promise<Endpoint>;
}

type Asked = Omit<ConnectionTestOptions, 'signal'>;

/**
 * Finds the way to a gateway and what to sign in with.
 * @throws AppError `gateway/unknown`, `gateway/insecure-url`, `app/input-invalid`, or why the token cannot be read
 */
export async function prepareTest(of: TestSubject, deps: PrepareTestDeps): Promise<PreparedTest> {
  const asked = 'id' in of ? await ofKept(of.id, deps) : ofDraft(of);
  return {
    plan: planOf(asked.route),
    go: (onStep, signal) => testConnection({ ...asked, signal }, { ...deps, onStep }),
  };
}

async function ofKept(id: GatewayId, { settings, tokenOf, deviceOf, localEndpoint }: PrepareTestDeps): Promise<Asked> {
  const withoutSecret = 'try' as const;
  if (id === LOCAL_GATEWAY) {
    const route = { kind: 'local', ...(await localEndpoint()) } as const;
    return { route, name: 'This computer', secret: await tokenOf(id), withoutSecret };
  }
  const record = settings().gateways.find((each) => each.id === id);
  if (record === undefined) throw fail('gateway/unknown', { name: id });
  if (record.kind === 'direct') parseGatewayUrl(record.url, record.trustedNetwork);
  const device = deviceOf(id);
  return { route: toTestRoute(record), name: record.name, secret: await tokenOf(id), device, withoutSecret };
}

/** As no device: a gateway that is not added should not be asked to approve one. */
function ofDraft({ gateway, token }: Extract<TestSubject, { readonly gateway: unknown }>): Asked {
  const checked =
    gateway.kind === 'direct' ? { ...gateway, url: parseGatewayUrl(gateway.url, gateway.trustedNetwork) } : gateway;
  return { route: toTestRoute(routeOf(checked)), name: gateway.name, secret: token, withoutSecret: 'skip' };
}

export function toTestRoute(route: GatewayRoute): TestRoute {
  if (route.kind === 'direct') return route;
  const { target, engine, remoteHost, remotePort, identityFile, knownHostsFile, sshConfigFile } = route;
  return {
    kind: 'ssh',
    tunnel: { target, engine, remoteHost, remotePort, identityFile, knownHostsFile, sshConfigFile },
  };
}
