import { secretOf, type GatewayRunOptions } from '../contract/gateway-host.ts';
import { LOCAL_GATEWAY, type GatewayId } from '../contract/snapshot.ts';
import { GatewayConfigFile } from '../config/gateway-config-file.ts';
import { loadGatewayConfig } from '../config/gateway-config.ts';
import type { GatewayRecord, Settings, SshRoute } from '../config/settings-schema.ts';
import { SettingsStore } from '../config/settings-store.ts';
import { changeConfig, undoChange } from '../config/undoable-change.ts';
import { GatewayClient } from '../gateway-client/gateway-client.ts';
import { openGatewaySession } from '../gateway-client/gateway-session.ts';
import { KeptDevice } from '../gateway-client/kept-device.ts';
import type { Redactor } from '../logging/redact.ts';
import type { HomePaths } from '../platform/home.ts';
import type {
  Clock,
  CompanionStarter,
  Files,
  HostProcessStarter,
  Logger,
  ProgramRunner,
  SecretStore,
} from '../platform/ports.ts';
import { createTunnel, type EngineOptions } from '../ssh/create-tunnel.ts';
import { Dialer, type DialRequest } from '../ssh/dialer.ts';
import { resolveHost } from '../ssh/resolve-host.ts';
import { ConnectBudget } from '../ssh/connect-budget.ts';
import { SessionTrust } from '../ssh/session-trust.ts';
import { trustSystemHostKey } from '../ssh/system-ssh/trust-system-host-key.ts';
import { KeptAnswers } from '../ssh/kept-answers.ts';
import type { KeyOpener } from '../ssh/key-opener.ts';
import { KnownAnswers } from '../ssh/known-answers.ts';
import { SignIn } from '../ssh/sign-in.ts';
import { SignInMemory } from '../ssh/sign-in-memory.ts';
import { trustHostKey } from '../ssh/trust-host-key.ts';
import type { TunnelDeps } from '../ssh/tunnel.ts';
import { explainPort } from './explain-port.ts';
import { ExposureSwitch } from './exposure-switch.ts';
import { tokenName } from './handlers.ts';
import { Line, type Endpoint } from './line.ts';
import type { LineIdentity } from './line-facts.ts';
import { LocalGateway } from './local-gateway.ts';
import type { Path } from './path.ts';
import { DirectPath, LocalPath, SshPath } from './paths.ts';
import { resolveRunOptions } from './run-options.ts';
import { signInName } from './sign-in-handlers.ts';
import { Supervisor } from './supervisor.ts';
import { createPickup, type PickupDeps } from './pickup.ts';
import { prepareTest } from './prepare-test.ts';
import { TestRuns } from './test-runs.ts';

/** Everything the application needs from the outside: the two entries differ in these and in nothing else. */
export interface Surroundings {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly machine: TunnelDeps['machine'] & { readonly computer: string };
  readonly version: string;
  /** Folder of the built renderer. */
  readonly controlUiRoot: string;
  readonly starter: HostProcessStarter;
  readonly secrets: SecretStore;
  readonly keyOpener: KeyOpener;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly files: Files;
  readonly runner: ProgramRunner;
  readonly companions: CompanionStarter;
  readonly log: Logger;
  /** Takes the log of the embedded gateway, line by line; it was redacted where it was written. */
  readonly gatewayLog: (line: string) => void;
  readonly random: () => number;
  readonly readAddresses: () => readonly string[];
  /** Puts text on the clipboard of whoever sits at this computer; absent where nobody does. */
  readonly copy: ((text: string) => Promise<void>) | undefined;
  /** Names of the named pipes of this computer, on Windows. */
  readonly listPipes: (() => Promise<readonly string[]>) | undefined;
}

/** Name of the secret of a gateway on this computer that was not started by us. */
const ATTACHED_TOKEN = 'gateway.attached.token';

/** Builds the application. Nothing is read, opened or started yet. */
export function composeSupervisor(around: Surroundings): Supervisor {
  return new Composition(around).supervisor;
}

class Composition {
  readonly #around: Surroundings;
  readonly #settings: SettingsStore;
  readonly #sessionTrust = new SessionTrust();
  readonly #budget: ConnectBudget;
  readonly #memory = new SignInMemory();
  readonly #devices = new Map<GatewayId, KeptDevice>();
  readonly supervisor: Supervisor;
  readonly #exposure: ExposureSwitch;
  #localGateway: LocalGateway | undefined;
  #localPath: LocalPath | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#budget = new ConnectBudget(around.clock);
    this.#settings = new SettingsStore(around.paths.settings, around.files);
    this.#exposure = this.#createExposureSwitch();
    this.supervisor = new Supervisor({
      settings: this.#settings,
      secrets: around.secrets,
      tokenOf: (id) => this.#tokenOf(id),
      tokenNameOf: (id) =>
        id === LOCAL_GATEWAY && this.#settings.current.local.attach ? ATTACHED_TOKEN : tokenName(id),
      trustHostKey: (route, decision) => {
        const trust = route.engine === 'system-ssh' ? trustSystemHostKey : trustHostKey;
        return trust(tunnelOptions(route), decision, this.#sshDeps);
      },
      configProblems: async () => (await loadGatewayConfig(around.paths.gatewayConfig, around.files)).problems,
      pickup: createPickup(this.#pickupDeps),
      tests: new TestRuns({ prepare: (of) => prepareTest(of, this.#testDeps), clock: around.clock }),
      exposure: this.#exposure,
      createLine: (id, settings, onChange) => this.#createLine(id, settings, onChange),
      clock: around.clock,
      log: around.log.child('supervisor'),
      version: around.version,
      computer: around.machine.computer,
    });
  }

  #createLine(id: GatewayId, settings: Settings, onChange: () => void): Line {
    const record = settings.gateways.find((each) => each.id === id);
    const identity = identityOf(record);
    return new Line({
      identity,
      createPath: (changed) => this.#createPath(record, changed),
      createClient: (endpoint, changed) => this.#createClient(identity, endpoint, changed),
      clock: this.#around.clock,
      onChange,
    });
  }

  #createPath(record: GatewayRecord | undefined, onChange: () => void): Path {
    if (record === undefined) return this.#createLocalPath(onChange);
    if (record.kind === 'direct') return new DirectPath(record, this.#around.clock, onChange);
    const signIn = this.#createSignIn(record.id, onChange);
    return new SshPath({
      signIn,
      createTunnel: (changed, probed, forwardsChanged) =>
        createTunnel(tunnelOptions(record), {
          ...this.#around,
          ...this.#sshDeps,
          answers: signIn,
          onChange: changed,
          onProbe: probed,
          onForwards: forwardsChanged,
        }),
      explainPort: (port) => explainPort(port, { attachable: false }, this.#portDeps),
      remote: `${record.remoteHost}:${record.remotePort}`,
      localPort: record.localPort,
      onChange,
    });
  }

  #createSignIn(id: GatewayId, onChange: () => void): SignIn {
    const { secrets, keyOpener, redactor, clock, log: root } = this.#around;
    const log = root.child('ssh');
    return new SignIn({
      memory: this.#memory,
      opener: keyOpener,
      kept: new KeptAnswers({ secrets, name: signInName(id), log }),
      clock,
      log,
      onChange,
      onSecret: (secret) => redactor.add(secret),
    });
  }

  #createLocalPath(onChange: () => void): LocalPath {
    const { starter, clock, log, gatewayLog, random } = this.#around;
    const gateway = new LocalGateway({
      starter,
      runOptions: () => this.#runOptions(),
      attach: () => this.#settings.current.local.attach,
      explainPort: (port) => explainPort(port, { attachable: true }, this.#portDeps),
      onLogLine: gatewayLog,
      clock,
      log: log.child('local gateway'),
      random,
      onChange,
    });
    this.#localGateway = gateway;
    this.#localPath = new LocalPath(gateway, () => this.#exposure.view);
    return this.#localPath;
  }

  #createExposureSwitch(): ExposureSwitch {
    const { paths, files, copy, redactor, clock } = this.#around;
    const file = new GatewayConfigFile(paths.gatewayConfig, files);
    return new ExposureSwitch({
      gateway: () => this.#localGateway,
      config: {
        change: (patch) => changeConfig(file, patch, files),
        undo: (change) => undoChange(file.path, change, files),
      },
      copy,
      keepSecret: (secret) => redactor.add(secret),
      restart: () => this.supervisor.restart(LOCAL_GATEWAY),
      renew: () => this.supervisor.renew(LOCAL_GATEWAY),
      clock,
      onChange: () => this.supervisor.changed(),
      onRefused: (mode, cause) => this.supervisor.exposureRefused(mode, cause),
    });
  }

  #createClient(identity: LineIdentity, endpoint: () => Endpoint, onChange: () => void): GatewayClient {
    const { clock, log, random, version, machine } = this.#around;
    return new GatewayClient({
      open: async (signal, onEvent) => {
        const secret = await this.#tokenOf(identity.id);
        const { platform, computer } = machine;
        return openGatewaySession(
          {
            ...endpoint(),
            gateway: identity.name,
            secret,
            device: this.#deviceOf(identity.id),
            version,
            platform,
            computer,
            onEvent,
          },
          signal,
        );
      },
      clock,
      log: log.child('gateway client'),
      random,
      onChange,
    });
  }

  /** The gateway here needs none: who can read its token can approve any device there. */
  #deviceOf(id: GatewayId): KeptDevice | undefined {
    if (id === LOCAL_GATEWAY) return undefined;
    const { secrets, redactor, log } = this.#around;
    const device =
      this.#devices.get(id) ??
      new KeptDevice(id, { secrets, log: log.child('device'), onSecret: (secret) => redactor.add(secret) });
    this.#devices.set(id, device);
    return device;
  }

  async #tokenOf(id: GatewayId): Promise<string | undefined> {
    const token = id === LOCAL_GATEWAY ? await this.#localToken() : await this.#around.secrets.get(tokenName(id));
    if (token !== undefined) this.#around.redactor.add(token);
    return token;
  }

  async #localToken(): Promise<string | undefined> {
    const state = this.#localPath?.state;
    if (state?.status === 'ready' && state.attached) return this.#around.secrets.get(ATTACHED_TOKEN);
    return secretOf((await this.#runOptions()).auth);
  }

  async #runOptions(): Promise<GatewayRunOptions> {
    const { paths, files, secrets, env, version, controlUiRoot } = this.#around;
    const options = await resolveRunOptions({
      loaded: await loadGatewayConfig(paths.gatewayConfig, files),
      secrets,
      env,
      home: paths.root,
      configFile: paths.gatewayConfig,
      version,
      controlUiRoot,
      overrides: { port: this.#settings.current.local.port },
    });
    const secret = secretOf(options.auth);
    if (secret !== undefined) this.#around.redactor.add(secret);
    return options;
  }

  get #testDeps() {
    return {
      ...this.#sshDeps,
      log: this.#around.log.child('test'),
      settings: () => this.#settings.current,
      tokenOf: (id: GatewayId) => this.#tokenOf(id),
      deviceOf: (id: GatewayId) => this.#deviceOf(id),
      localEndpoint: async () => ({
        url: this.#localPath?.url ?? `ws://127.0.0.1:${(await this.#runOptions()).port}`,
        tlsFingerprint: this.#localPath?.tlsFingerprint,
      }),
    };
  }

  get #sshDeps() {
    // What is not a line asks nobody, but need not do without what was typed before.
    const answers = new KnownAnswers({ memory: this.#memory, opener: this.#around.keyOpener, kept: undefined });
    const log = this.#around.log.child('ssh');
    return { ...this.#around, answers, sessionTrust: this.#sessionTrust, budget: this.#budget, log };
  }

  get #pickupDeps(): PickupDeps {
    return {
      whoAndWhere: async (route) => {
        const { user, name } = await resolveHost(route, this.#sshDeps);
        return { user, host: name };
      },
      dial: (route, signal) => new Dialer(tunnelOptions(route), this.#sshDeps).dial(onceDialled(signal)),
      keepSecret: (token) => this.#around.redactor.add(token),
      log: this.#around.log.child('pickup'),
    };
  }

  get #portDeps() {
    const { runner, files, machine } = this.#around;
    return { runner, files, platform: machine.platform };
  }
}

function identityOf(record: GatewayRecord | undefined): LineIdentity {
  if (record === undefined) {
    return { id: LOCAL_GATEWAY, name: 'This computer', kind: 'local', flag: { pattern: 1, hue: 1 }, target: undefined };
  }
  const { id, name, kind, flag } = record;
  return { id, name, kind, flag, target: record.kind === 'ssh' ? record.target : record.url };
}

function tunnelOptions(route: SshRoute): EngineOptions {
  const { target, engine, remotePort, remoteHost, localPort, identityFile, knownHostsFile, sshConfigFile, forwards } =
    route;
  return {
    engine,
    target,
    remotePort,
    remoteHost,
    localPort,
    identityFile,
    knownHostsFile,
    sshConfigFile,
    acceptNewHostKey: false,
    forwards,
  };
}

/** One connection that is tried once, because a person waits for it. */
function onceDialled(signal: AbortSignal): DialRequest {
  return { signal, connectTimeoutMs: 10_000, pace: 'kernel', afresh: true, onResolved: () => {} };
}
