import type { CallHandlers, HostKeyOwner, NewGateway } from '../contract/calls.ts';
import { fail, type ErrorInfo } from '../contract/errors.ts';
import { gatewayInUse, LOCAL_GATEWAY, type GatewayId, type Snapshot } from '../contract/snapshot.ts';
import type { Forward } from '../contract/tunnel.ts';
import type { GatewayRecord, Settings, SshRoute } from '../config/settings-schema.ts';
import type { SettingsStore } from '../config/settings-store.ts';
import { parseGatewayUrl } from '../gateway-client/gateway-url.ts';
import { deviceSecretNames } from '../gateway-client/kept-device.ts';
import type { SecretStore } from '../platform/ports.ts';
import type { HostKeyDecision } from '../ssh/host-key-decision.ts';
import type { Link } from '../ssh/link.ts';
import { withForward, withoutForward } from './forwards.ts';
import { withKept } from './kept.ts';
import { newRecord, routeOf } from './new-record.ts';
import type { SignInControl } from './path.ts';
import { signInHandlers, signInName } from './sign-in-handlers.ts';

export interface HandlerDeps {
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  /** The token of a gateway: of the local one from its configuration or made anew, else what was entered. */
  readonly tokenOf: (id: GatewayId) => Promise<string | undefined>;
  /** Where an entered token is kept. */
  readonly tokenNameOf: (id: GatewayId) => string;
  /** Connects as far as the host key and trusts it when it is the one that was seen. */
  readonly trustHostKey: (route: SshRoute, decision: HostKeyDecision) => Promise<void>;
  /** What is wrong with the configuration of the local gateway. */
  readonly configProblems: () => Promise<readonly ErrorInfo[]>;
}

type RecordOf<K extends GatewayRecord['kind']> = Extract<GatewayRecord, { readonly kind: K }>;
export type SshRecord = RecordOf<'ssh'>;

/** The calls answered here; the others are those of `TestRuns`, `pickupHandlers` and `ExposureSwitch`. */
type OwnHandlers = Omit<CallHandlers, `test.${string}` | `pickup.${string}` | `exposure.${string}`>;

/** What the handlers may do to the lines. */
export interface LineControl {
  readonly snapshot: () => Snapshot;
  readonly apply: () => Promise<void>;
  readonly rebuild: (id: GatewayId) => Promise<void>;
  /** Carries out what the settings already say. */
  readonly setForwards: (id: GatewayId, forwards: readonly Forward[]) => Promise<void>;
  readonly retry: (id: GatewayId) => void;
  /** The SSH connection of a line that is up; not to be closed. */
  readonly linkOf: (id: GatewayId) => Link | undefined;
  /** SHA-256 of the one certificate a gateway may show, while it has a line. */
  readonly pinOf: (id: GatewayId) => string | undefined;
  readonly signIn: (id: GatewayId) => SignInControl | undefined;
}

/** Name under which the token of a gateway is kept in the secret store. */
export const tokenName = (id: GatewayId): string => `gateway.${id}.token`;

/** The answers to the calls of the contract. Inputs were checked before; the wish is stored first, then carried out. */
export function createHandlers(deps: HandlerDeps, lines: LineControl): OwnHandlers {
  return {
    ...switching(deps, lines),
    ...listing(deps, lines),
    ...mending(deps, lines),
    ...trusting(deps, lines),
    ...signInHandlers(lines.signIn),
  };
}

function switching({ settings, tokenOf }: HandlerDeps, lines: LineControl) {
  return {
    'snapshot.get': async () => lines.snapshot(),
    'gateway.use': async ({ id }) => {
      known(settings, id);
      await settings.update((current) => ({ ...current, use: id }));
      await lines.apply();
    },
    'gateway.off': async () => {
      await settings.update((current) => ({ ...current, use: undefined }));
      await lines.apply();
    },
    'gateway.keep': async ({ id, keep }) => {
      known(settings, id);
      await settings.update((current) => withKept(current, id, keep));
      await lines.rebuild(id);
    },
    'gateway.retry': async ({ id }) => {
      known(settings, id);
      lines.retry(id);
    },
    'gateway.env': async () => {
      const inUse = gatewayInUse(lines.snapshot());
      if (inUse === undefined) throw fail('gateway/none-in-use', {});
      const token = await tokenOf(inUse.id);
      const isUp = inUse.state.status === 'connected' || inUse.state.status === 'attached';
      if (token === undefined && !isUp) throw fail('gateway/token-missing', { gateway: inUse.name });
      const record = settings.current.gateways.find(({ id }) => id === inUse.id);
      const tlsFingerprint = record?.kind === 'direct' ? record.tlsFingerprint : lines.pinOf(inUse.id);
      return { url: inUse.url ?? addressOf(settings, inUse.id), token, tlsFingerprint };
    },
  } satisfies Partial<CallHandlers>;
}

function listing({ settings, secrets }: HandlerDeps, lines: LineControl) {
  return {
    'gateway.add': async (input: NewGateway) => {
      const checked =
        input.kind === 'direct' ? { ...input, url: parseGatewayUrl(input.url, input.trustedNetwork) } : input;
      const record = newRecord(checked, settings.current);
      await settings.update((current) => ({ ...current, gateways: [...current.gateways, record] }));
      await lines.apply();
      return { id: record.id };
    },
    'gateway.remove': async ({ id }) => {
      if (id === LOCAL_GATEWAY)
        throw fail('app/input-invalid', { call: 'gateway.remove', problem: 'This computer stays in the list' });
      known(settings, id);
      await settings.update((current) => ({
        ...current,
        use: current.use === id ? undefined : current.use,
        keep: current.keep.filter((kept) => kept !== id),
        gateways: current.gateways.filter((record) => record.id !== id),
      }));
      await lines.apply();
      const { key, token } = deviceSecretNames(id);
      for (const name of [tokenName(id), signInName(id), key, token]) await secrets.delete(name);
    },
  } satisfies Partial<CallHandlers>;
}

function mending({ settings, secrets, tokenNameOf }: HandlerDeps, lines: LineControl) {
  const changeSsh = async (id: GatewayId, change: Partial<SshRecord>): Promise<void> => {
    await changeRecord(settings, { id, kind: 'ssh' }, () => change);
    await lines.rebuild(id);
  };
  const changeForwards = async (id: GatewayId, change: (record: SshRecord) => readonly Forward[]): Promise<void> => {
    let forwards: readonly Forward[] = [];
    await changeRecord(settings, { id, kind: 'ssh' }, (record) => ({ forwards: (forwards = change(record)) }));
    await lines.setForwards(id, forwards);
  };
  const changeLocal = async (change: Partial<SettingsStore['current']['local']>): Promise<void> => {
    await settings.update((current) => ({ ...current, local: { ...current.local, ...change } }));
    await lines.rebuild(LOCAL_GATEWAY);
  };
  return {
    'gateway.move': ({ id, port }) =>
      id === LOCAL_GATEWAY ? changeLocal({ port }) : changeSsh(id, { localPort: port }),
    'gateway.attach': async ({ id }) => {
      if (id !== LOCAL_GATEWAY)
        throw fail('app/input-invalid', {
          call: 'gateway.attach',
          problem: 'Only a gateway on this computer can be attached',
        });
      await changeLocal({ attach: true });
    },
    'gateway.set-token': async ({ id, token }) => {
      known(settings, id);
      await secrets.set(tokenNameOf(id), token);
      await lines.rebuild(id);
    },
    'gateway.set-identity': ({ id, file }) => changeSsh(id, { identityFile: file }),
    'gateway.add-forward': ({ id, forward }) => changeForwards(id, (record) => withForward(record, forward)),
    'gateway.remove-forward': ({ id, localPort }) => changeForwards(id, (record) => withoutForward(record, localPort)),
    'gateway.set-engine': ({ id, engine }) => changeSsh(id, { engine }),
  } satisfies Partial<CallHandlers>;
}

/** What a person has compared and believes from now on. */
function trusting({ settings, trustHostKey }: HandlerDeps, lines: LineControl) {
  const changeDirect = async (id: GatewayId, change: Partial<RecordOf<'direct'>>): Promise<void> => {
    await changeRecord(settings, { id, kind: 'direct' }, () => change);
    await lines.rebuild(id);
  };
  return {
    'gateway.trust-certificate': ({ id, fingerprint }) => changeDirect(id, { tlsFingerprint: fingerprint }),
    'gateway.trust-network': ({ id, trusted }) => changeDirect(id, { trustedNetwork: trusted || undefined }),
    'gateway.trust-host-key': async (input) => {
      const { fingerprint, how = 'always' } = input;
      await trustHostKey(keyOwner(settings, input), { fingerprint, how });
      if ('id' in input && wanted(lines.snapshot(), input.id)) lines.retry(input.id);
    },
  } satisfies Partial<CallHandlers>;
}

/** Whose key it is: a gateway of the list or one that may be added. */
function keyOwner(settings: SettingsStore, owner: HostKeyOwner): SshRoute {
  if ('id' in owner) return sshRecord(settings, owner.id);
  const route = routeOf(owner.gateway);
  if (route.kind === 'ssh') return route;
  throw fail('app/input-invalid', {
    call: 'gateway.trust-host-key',
    problem: 'Only a computer over SSH has a host key',
  });
}

/** A line that is off stays off: its key can be put right from a test. */
function wanted({ gateways }: Snapshot, id: GatewayId): boolean {
  return gateways.find((gateway) => gateway.id === id)?.wanted === 'up';
}

function known({ current }: SettingsStore, id: GatewayId): void {
  if (id !== LOCAL_GATEWAY && !current.gateways.some((record) => record.id === id)) {
    throw fail('gateway/unknown', { name: id });
  }
}

/** @throws AppError `gateway/unknown` when it is none over SSH */
export function sshRecord({ current }: SettingsStore, id: GatewayId): SshRecord {
  return recordOf(current, { id, kind: 'ssh' });
}

interface Which<K extends GatewayRecord['kind']> {
  readonly id: GatewayId;
  readonly kind: K;
}

/** @throws AppError `gateway/unknown` when there is none of that kind */
function recordOf<K extends GatewayRecord['kind']>(settings: Settings, which: Which<K>): RecordOf<K> {
  const record = settings.gateways.find(({ id, kind }) => id === which.id && kind === which.kind);
  if (record === undefined) throw fail('gateway/unknown', { name: which.id });
  return record as RecordOf<K>;
}

/**
 * Works the change out when its turn has come, on top of what a change just before has stored.
 * @throws AppError `gateway/unknown` when there is none of that kind
 */
async function changeRecord<K extends GatewayRecord['kind']>(
  settings: SettingsStore,
  which: Which<K>,
  change: (record: RecordOf<K>) => Partial<RecordOf<K>>,
): Promise<void> {
  await settings.update((current) => {
    const record = recordOf(current, which);
    const changed = { ...record, ...change(record) };
    return { ...current, gateways: current.gateways.map((each) => (each.id === which.id ? changed : each)) };
  });
}

/** Where a gateway will be reached once its line is up. */
function addressOf({ current }: SettingsStore, id: GatewayId): string {
  const record = current.gateways.find((each) => each.id === id);
  if (record?.kind === 'direct') return record.url;
  return `ws://127.0.0.1:${record?.localPort ?? current.local.port ?? 18_789}`;
}
