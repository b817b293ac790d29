import { z } from 'zod';

import { LOCAL_GATEWAY, type Flag, type GatewayId } from '../contract/snapshot.ts';
import { TLS_FINGERPRINT } from '../contract/tls-fingerprint.ts';
import type { Forward, SshEngine } from '../contract/tunnel.ts';

export const SETTINGS_VERSION = 1;

export interface Settings {
  readonly version: typeof SETTINGS_VERSION;
  /** The gateway in use, `undefined` when switched off. On disk: its id, or `null`. */
  readonly use: GatewayId | undefined;
  /** Gateways that stay connected beside the one in use. Nothing is connected while switched off. */
  readonly keep: readonly GatewayId[];
  readonly local: {
    /** Absent while nobody has moved it: then the gateway's own configuration decides. */
    readonly port: number | undefined;
    /** Use the gateway that already listens on the port instead of starting one. */
    readonly attach: boolean;
  };
  readonly gateways: readonly GatewayRecord[];
}

export type GatewayRecord = {
  readonly id: GatewayId;
  readonly name: string;
  readonly flag: Flag;
} & GatewayRoute;

/** How a gateway is reached. */
export type GatewayRoute = SshRoute | DirectRoute;

export interface DirectRoute {
  readonly kind: 'direct';
  readonly url: string;
  /** SHA-256 of the one certificate it may show, `AB:CD:…`; absent where those this computer trusts are good. */
  readonly tlsFingerprint: string | undefined;
  /** It may be reached unencrypted at a private or tailnet address; absent: only on this computer. */
  readonly trustedNetwork: boolean | undefined;
}

export interface SshRoute {
  readonly kind: 'ssh';
  readonly target: string;
  /** What makes the SSH connection. */
  readonly engine: SshEngine;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly identityFile: string | undefined;
  readonly knownHostsFile: string | undefined;
  readonly sshConfigFile: string | undefined;
  /** Ports beside the gateway's own, on the same connection. */
  readonly forwards: readonly Forward[];
}

const GATEWAY_PORT = 18_789;

const PORT = 'a whole number from 1 to 65535';
const USE = 'the id of a gateway in the list, “local”, or null for off';
const KEEP = 'a list of ids of gateways';
const ID = 'a word of small letters, digits and hyphens, other than “local”';
const NAME = 'a name of 1 to 64 characters';
const TARGET = 'user@host, user@host:port or an alias of the SSH configuration';
const HOST = 'a host name or an address';
const ENGINE = '“built-in” or “system-ssh”';
const FORWARD = 'an object with localPort, remoteHost and remotePort';
const FORWARDS = 'a list of forwards, 32 at most';
const FILE = 'the path of a file';
const URL_WORDS = 'a ws:// or wss:// address without user, password or parameters';
const FINGERPRINT = 'a SHA-256 fingerprint such as AB:CD:…, 32 pairs';
const ATTACH = 'true or false';
const TRUSTED = 'true or false';
const FLAG = 'a pattern and a hue, each from 1 to 6';
const LOCAL = 'an object with port and attach';
const GATEWAY = 'an object with an id, a name and a kind, which is “ssh” or “direct”';

const matching = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const anyPort = () => z.int({ error: PORT }).min(1, { error: PORT }).max(65_535, { error: PORT });
const port = () => anyPort().default(GATEWAY_PORT);
const file = () => matching(/^[^\0\r\n]{1,4096}$/, FILE).optional();
const remoteHost = () => matching(/^(?!-)[\w.:%-]{1,253}$/, HOST).default('127.0.0.1');
const sixth = () => z.int({ error: FLAG }).min(1, { error: FLAG }).max(6, { error: FLAG });

const Common = {
  id: matching(/^(?!local$)[a-z0-9][a-z0-9-]{0,63}$/, ID).describe('Never changes; names the secrets of this gateway.'),
  name: matching(/^(?=.*\S)\P{Cc}{1,64}$/u, NAME).describe('What people call it.'),
  flag: z
    .object({ pattern: sixth(), hue: sixth() }, { error: FLAG })
    .default({ pattern: 1, hue: 1 })
    .describe('Its mark for the eye.'),
};

const ForwardSchema = z.object(
  {
    localPort: anyPort().describe('The port on this computer.'),
    remoteHost: remoteHost(),
    remotePort: anyPort().describe('The port over there.'),
  },
  { error: FORWARD },
);

const Ssh = z.object({
  ...Common,
  kind: z.literal('ssh'),
  target: matching(/^(?!-)[^\s\p{Cc}]{1,255}$/u, TARGET).describe('user@host[:port], or an alias of ~/.ssh/config.'),
  engine: z
    .enum(['built-in', 'system-ssh'], { error: ENGINE })
    .default('built-in')
    .describe("What makes the connection: Gangway itself, or the system's ssh for what only that can do."),
  remoteHost: remoteHost().describe('Where the gateway listens, as seen from the SSH server.'),
  remotePort: port().describe('The port of the gateway over there.'),
  localPort: port().describe('The port on this computer that leads to it.'),
  identityFile: file().describe('A private key to offer first.'),
  knownHostsFile: file().describe('Instead of ~/.ssh/known_hosts.'),
  sshConfigFile: file().describe('Instead of ~/.ssh/config.'),
  forwards: z
    .array(ForwardSchema, { error: FORWARDS })
    .max(32, { error: FORWARDS })
    .default([])
    .describe("Ports beside the gateway's own, on the same connection."),
});

const Direct = z.object({
  ...Common,
  kind: z.literal('direct'),
  url: z.string({ error: URL_WORDS }).refine(isGatewayUrl, { error: URL_WORDS }).describe('Its WebSocket address.'),
  tlsFingerprint: matching(TLS_FINGERPRINT, FINGERPRINT).optional().describe('The one certificate it may show.'),
  trustedNetwork: z
    .boolean({ error: TRUSTED })
    .optional()
    .describe('It may be reached unencrypted at a private or tailnet address.'),
});

export const GatewayRecordSchema = z
  .discriminatedUnion('kind', [Ssh, Direct], { error: GATEWAY })
  .transform((record): GatewayRecord => {
    const id = record.id as GatewayId;
    if (record.kind === 'direct') {
      const { tlsFingerprint, trustedNetwork } = record;
      return { ...record, id, tlsFingerprint, trustedNetwork };
    }
    const { identityFile, knownHostsFile, sshConfigFile } = record;
    return { ...record, id, identityFile, knownHostsFile, sshConfigFile };
  });

/** Every key has a default and a description. Each error is worded as what is expected. */
export const SettingsSchema = z.object({
  version: z.literal(SETTINGS_VERSION).default(SETTINGS_VERSION).describe('The format of this file.'),
  use: z
    .string({ error: USE })
    .nullable()
    .default(LOCAL_GATEWAY)
    .transform((id) => (id === null ? undefined : (id as GatewayId)))
    .describe('The gateway in use; null is off.'),
  keep: z
    .array(z.string({ error: KEEP }), { error: KEEP })
    .default([])
    .transform((ids) => ids as GatewayId[])
    .describe('Gateways that stay connected beside the one in use.'),
  local: z
    .object(
      {
        port: anyPort().optional().describe('The port of the gateway of this computer, instead of the configured one.'),
        attach: z.boolean({ error: ATTACH }).default(false).describe('Use the gateway that already listens there.'),
      },
      { error: LOCAL },
    )
    .prefault({})
    .transform(({ port, attach }) => ({ port, attach })),
  gateways: z
    .array(GatewayRecordSchema, { error: 'a list of gateways' })
    .default([])
    .describe('The gateways elsewhere. Secrets are kept in the secret store, never here.'),
}) satisfies z.ZodType<Settings>;

/** What is written down: `null` for off, and no key for what is not set. */
export function toStored(
  settings: Settings,
): Readonly<Record<string, unknown>> & { readonly gateways: readonly object[] } {
  const gateways = settings.gateways.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)),
  );
  return { ...settings, use: settings.use ?? null, gateways };
}

function isGatewayUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^wss?:$/.test(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
