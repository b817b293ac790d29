import type { TestReport, TestSubject } from './connection-test.ts';
import type { ErrorInfo } from './errors.ts';
import type { ExposurePlan, ExposureRequest, TailnetDevices } from './exposure.ts';
import type { GatewayId, Snapshot } from './snapshot.ts';
import type { Forward, SshEngine } from './tunnel.ts';

/** What a person gives to add a gateway. Secrets travel in a call of their own. */
export type NewGateway =
  | {
      readonly kind: 'ssh';
      readonly name: string;
      /** `user@host[:port]` or an alias of `~/.ssh/config`. */
      readonly target: string;
      readonly engine?: SshEngine;
      readonly remotePort?: number;
      readonly localPort?: number;
      readonly identityFile?: string;
      readonly knownHostsFile?: string;
      readonly sshConfigFile?: string;
    }
  | {
      readonly kind: 'direct';
      readonly name: string;
      readonly url: string;
      /** SHA-256 of the one certificate it may show, `AB:CD:…`. */
      readonly tlsFingerprint?: string;
      /** It may be reached unencrypted at a private or tailnet address. */
      readonly trustedNetwork?: boolean;
    };

/** How far the trust in a host key goes: written down, until the app ends, or in the place of the known key. */
export type HostKeyTrust = 'always' | 'once' | 'replace';

/** A gateway of the list, or one that a person is about to add. */
export type HostKeyOwner = OfGateway | { readonly gateway: NewGateway };

/** What can be had on the other computer by its own programs, with a person's consent. */
export type Pickup = 'token' | 'approval';

/** Exactly what a pickup does, for the person to read before. */
export interface PickupPlan {
  readonly user: string;
  /** The name of the computer as the person gave it. */
  readonly host: string;
  /** In this order; a later one is only run when those before it were not enough. */
  readonly commands: readonly string[];
  /** The device that would be approved, as far as the gateway has told. */
  readonly deviceId: string | undefined;
}

export interface SignInAnswer {
  readonly questionId: string;
  readonly answers: readonly string[];
  readonly remember: boolean;
}

/** A password that a person typed, or one that is made and put on the clipboard without anybody seeing it. */
export type NewPassword = { readonly how: 'typed'; readonly password: string } | { readonly how: 'generated' };

type OfGateway = { readonly id: GatewayId };

/** A window or a terminal asks, the supervisor answers. One line per call: this is the whole contract. */
export interface Calls {
  readonly 'snapshot.get': { readonly input: undefined; readonly output: Snapshot };
  readonly 'gateway.use': { readonly input: OfGateway; readonly output: void };
  readonly 'gateway.off': { readonly input: undefined; readonly output: void };
  /** Keeps a gateway connected beside the one in use, on a local port of its own; or no longer. */
  readonly 'gateway.keep': { readonly input: OfGateway & { readonly keep: boolean }; readonly output: void };
  readonly 'gateway.retry': { readonly input: OfGateway; readonly output: void };
  readonly 'gateway.add': { readonly input: NewGateway; readonly output: OfGateway };
  readonly 'gateway.remove': { readonly input: OfGateway; readonly output: void };
  /** Moves the local port of a gateway, for when another program holds it. */
  readonly 'gateway.move': { readonly input: OfGateway & { readonly port: number }; readonly output: void };
  /** Uses the gateway that already listens on the local port instead of starting our own. */
  readonly 'gateway.attach': { readonly input: OfGateway; readonly output: void };
  readonly 'gateway.set-token': { readonly input: OfGateway & { readonly token: string }; readonly output: void };
  readonly 'gateway.set-identity': {
    readonly input: OfGateway & { readonly file: string };
    readonly output: void;
  };
  /** Adds a port to the SSH connection of a gateway. */
  readonly 'gateway.add-forward': {
    readonly input: OfGateway & { readonly forward: Forward };
    readonly output: void;
  };
  readonly 'gateway.remove-forward': {
    readonly input: OfGateway & { readonly localPort: number };
    readonly output: void;
  };
  /** Lets another engine make the SSH connections of a gateway. */
  readonly 'gateway.set-engine': {
    readonly input: OfGateway & { readonly engine: SshEngine };
    readonly output: void;
  };
  /** Trusts exactly the key whose fingerprint the person has just seen; `always` where nothing else is said. */
  readonly 'gateway.trust-host-key': {
    readonly input: HostKeyOwner & { readonly fingerprint: string; readonly how?: HostKeyTrust };
    readonly output: void;
  };
  /** Believes a gateway with exactly this certificate, whoever signed it, and no longer with any other. */
  readonly 'gateway.trust-certificate': {
    readonly input: OfGateway & { readonly fingerprint: string };
    readonly output: void;
  };
  /** Lets a gateway be reached unencrypted at a private or tailnet address, whose network is trusted as a whole; or no longer. */
  readonly 'gateway.trust-network': {
    readonly input: OfGateway & { readonly trusted: boolean };
    readonly output: void;
  };
  /** What `pickup.run` would run, where and as whom. Runs nothing. */
  readonly 'pickup.plan': { readonly input: OfGateway & { readonly what: Pickup }; readonly output: PickupPlan };
  /** Runs it over SSH: stores the token that comes back, or approves this device. Neither leaves the main process. */
  readonly 'pickup.run': { readonly input: OfGateway & { readonly what: Pickup }; readonly output: void };
  /** Takes the consent back: nothing more is run, and nothing is kept. */
  readonly 'pickup.cancel': { readonly input: OfGateway; readonly output: void };
  /** Goes the whole way to a gateway once; answers when the test has ended, and tells of it meanwhile. */
  readonly 'test.run': {
    readonly input: { readonly run: string; readonly of: TestSubject };
    readonly output: TestReport;
  };
  /** Ends a test early. One that has ended already is left alone. */
  readonly 'test.cancel': { readonly input: { readonly run: string }; readonly output: void };
  /** Answers what signing in asks for, one answer per field. `remember` keeps it with the secrets once it proves right. */
  readonly 'gateway.answer': { readonly input: OfGateway & SignInAnswer; readonly output: void };
  /** Leaves the question unanswered: the line stays down until it is tried again. */
  readonly 'gateway.decline': { readonly input: OfGateway & { readonly questionId: string }; readonly output: void };
  /** Forgets the passphrases and passwords of a gateway, those in memory too. */
  readonly 'gateway.forget-sign-in': { readonly input: OfGateway; readonly output: void };
  /** What opening or closing the gateway of this computer would need and change. Changes nothing. */
  readonly 'exposure.plan': { readonly input: ExposureRequest; readonly output: ExposurePlan };
  /** How many devices of the tailnet there are to reach it; `undefined` where that is not known, or it is closed to them. */
  readonly 'exposure.devices': { readonly input: undefined; readonly output: TailnetDevices | undefined };
  /** Opens or closes it; answers once that is proven, or rejects with everything as it was. */
  readonly 'exposure.apply': { readonly input: ExposureRequest; readonly output: void };
  /** Tries at once what is wanted and not open. */
  readonly 'exposure.retry': { readonly input: undefined; readonly output: void };
  /** Keeps a Funnel that closes by itself open for 15 minutes more, 24 h from now at most. */
  readonly 'exposure.extend': { readonly input: undefined; readonly output: void };
  /** Goes back to what was before the last change, the text of the configuration included. */
  readonly 'exposure.undo': { readonly input: undefined; readonly output: void };
  /** Lets the gateway ask for a password, written to its configuration; answers once the gateway asks for it. */
  readonly 'exposure.set-password': { readonly input: NewPassword; readonly output: void };
  /** Lets the gateway listen on loopback alone, so that Serve can lead to it; starts it again. Undone as a password is. */
  readonly 'exposure.listen-here': { readonly input: undefined; readonly output: void };
  /** The address and secret that point any OpenClaw program at the gateway in use. */
  readonly 'gateway.env': {
    readonly input: undefined;
    readonly output: {
      readonly url: string;
      /** Absent where the gateway wants none. */
      readonly token: string | undefined;
      /** The one certificate it may show, where that is known. */
      readonly tlsFingerprint: string | undefined;
    };
  };
}

/** The supervisor tells, a window or a terminal listens. Past tense: facts, never orders. */
export interface Notices {
  readonly 'snapshot.changed': Snapshot;
  readonly 'test.progressed': TestReport;
}

export type CallName = keyof Calls;
export type NoticeName = keyof Notices;
export type Unsubscribe = () => void;

/** A rejected promise loses its class and code on the way through IPC, so failures travel as data. */
export type CallResult<C extends CallName> =
  { readonly ok: true; readonly value: Calls[C]['output'] } | { readonly ok: false; readonly error: ErrorInfo };

/** The app as a window sees it: over Electron IPC, or over the gateway's own socket in a plain browser. */
export interface Bridge {
  /** `browser`: the page was served by a gateway; everything that needs the desktop app is absent. */
  readonly surface: 'app' | 'browser';
  call<C extends CallName>(name: C, input: Calls[C]['input']): Promise<CallResult<C>>;
  listen<N extends NoticeName>(name: N, listener: (notice: Notices[N]) => void): Unsubscribe;
}

export type CallHandlers = {
  readonly [C in CallName]: (input: Calls[C]['input']) => Promise<Calls[C]['output']>;
};

/** Who may make a call. A window never gets a secret back; a terminal of the same user may. */
export const CALLS: Readonly<Record<CallName, { readonly window: boolean }>> = {
  'snapshot.get': { window: true },
  'gateway.use': { window: true },
  'gateway.off': { window: true },
  'gateway.keep': { window: true },
  'gateway.retry': { window: true },
  'gateway.add': { window: true },
  'gateway.remove': { window: true },
  'gateway.move': { window: true },
  'gateway.attach': { window: true },
  'gateway.set-token': { window: true },
  'gateway.set-identity': { window: true },
  'gateway.set-engine': { window: true },
  'gateway.add-forward': { window: true },
  'gateway.remove-forward': { window: true },
  'gateway.trust-host-key': { window: true },
  'gateway.trust-certificate': { window: true },
  'gateway.trust-network': { window: true },
  'pickup.plan': { window: true },
  'pickup.run': { window: true },
  'pickup.cancel': { window: true },
  'test.run': { window: true },
  'test.cancel': { window: true },
  'gateway.answer': { window: true },
  'gateway.decline': { window: true },
  'gateway.forget-sign-in': { window: true },
  'exposure.plan': { window: true },
  'exposure.devices': { window: true },
  'exposure.apply': { window: true },
  'exposure.retry': { window: true },
  'exposure.extend': { window: true },
  'exposure.undo': { window: true },
  'exposure.set-password': { window: true },
  'exposure.listen-here': { window: true },
  'gateway.env': { window: false },
};

export const NOTICES: Readonly<Record<NoticeName, true>> = {
  'snapshot.changed': true,
  'test.progressed': true,
};
