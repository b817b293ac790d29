import { fail, toErrorInfo, type ErrorCode } from '../contract/errors.ts';
import type { Files } from '../platform/ports.ts';
import type { SshConfig } from './ssh-config.ts';

/** An option of the configuration that our own engine passes over. */
export interface LeftOut {
  readonly option: string;
  /** What it would have helped with. */
  readonly for: 'sign-in' | 'host-key';
}

const USE_SYSTEM_SSH = "Use the system's ssh for this gateway.";
const INSTALL_SSH = 'Install the OpenSSH client and use it for this gateway: there is no “ssh” here.';
const ASK_SSH = 'Install the OpenSSH client: only “ssh” can tell whether this is meant for the host.';

/** Passing over one of these would go another way than the one that was asked for, or trust what must not be trusted. */
const NEEDED: readonly (readonly [option: string, isSet: (value: string) => boolean])[] = [
  ['ProxyCommand', isNot('none')],
  ['RevokedHostKeys', isNot('none')],
  ['BindAddress', isNot('*')],
  ['BindInterface', isNot('none')],
  ['PreferredAuthentications', (value) => !/\b(publickey|password|keyboard-interactive)\b/.test(value)],
];

/** `ssh -G` follows it; our own reader asks no name server, so it cannot know the name that would be meant. */
const CANONICAL_NAMES: (typeof NEEDED)[number] = ['CanonicalizeHostname', isNot('false')];

/** Without one of these it may well work. Where it does not, they are the first thing to think of. */
const HELPFUL: readonly (readonly [option: string, isSet: (value: string) => boolean, helps: LeftOut['for']])[] = [
  ['CertificateFile', isNot('none'), 'sign-in'],
  ['PKCS11Provider', isNot('none'), 'sign-in'],
  ['SecurityKeyProvider', (value) => value !== 'none' && value !== 'internal', 'sign-in'],
  ['HostbasedAuthentication', isNot('no'), 'sign-in'],
  ['KnownHostsCommand', isNot('none'), 'host-key'],
  ['VerifyHostKeyDNS', (value) => value !== 'no' && value !== 'false', 'host-key'],
];

/** In a block that may or may not be about the host. Besides those above. */
const NEEDED_IN_BLOCK = ['HostName', 'Port', 'User', 'AddressFamily', 'ProxyJump', 'CanonicalizeHostname'];
const HELPFUL_IN_BLOCK: readonly (readonly [option: string, helps: LeftOut['for']])[] = [
  ...HELPFUL.map(([option, , helps]) => [option, helps] as const),
  ['IdentityFile', 'sign-in'],
  ['IdentityAgent', 'sign-in'],
  ['IdentitiesOnly', 'sign-in'],
  ['PubkeyAuthentication', 'sign-in'],
  ['PasswordAuthentication', 'sign-in'],
  ['KbdInteractiveAuthentication', 'sign-in'],
  ['BatchMode', 'sign-in'],
  ['HostKeyAlias', 'host-key'],
  ['UserKnownHostsFile', 'host-key'],
  ['GlobalKnownHostsFile', 'host-key'],
];

function isNot(off: string): (value: string) => boolean {
  return (value) => value !== off;
}

/** @throws AppError `ssh/option-unsupported` */
export function refuseUnsupported(host: string, config: SshConfig): void {
  for (const [option, isSet] of config.found ? NEEDED : [...NEEDED, CANONICAL_NAMES]) {
    const value = config.first(option.toLowerCase());
    if (value !== undefined && isSet(value)) {
      throw fail('ssh/option-unsupported', { host, option, instead: config.found ? USE_SYSTEM_SSH : INSTALL_SSH });
    }
  }
  const needed = [...NEEDED.map(([option]) => option), ...NEEDED_IN_BLOCK, ...strictness(config)];
  const [unsure] = inUndecidedBlocks(config, needed);
  if (unsure !== undefined) throw fail('ssh/option-unsupported', { host, option: unsure, instead: ASK_SSH });
}

/** Where new keys are taken without asking, a block that forbids it must not be missed. */
function strictness(config: SshConfig): readonly string[] {
  return config.first('stricthostkeychecking') === 'accept-new' ? ['StrictHostKeyChecking'] : [];
}

function inUndecidedBlocks({ passedOver }: SshConfig, options: readonly string[]): readonly string[] {
  return passedOver.flatMap(({ key, criterion }) =>
    options.filter((option) => option.toLowerCase() === key).map((option) => `${option} under ${criterion}`),
  );
}

export function leftOut(config: SshConfig): readonly LeftOut[] {
  const set = HELPFUL.flatMap(([option, isSet, helps]) => {
    const value = config.first(option.toLowerCase());
    return value !== undefined && isSet(value) ? [{ option, for: helps }] : [];
  });
  const unsure = HELPFUL_IN_BLOCK.flatMap(([option, helps]) =>
    inUndecidedBlocks(config, [option]).map((each) => ({ option: each, for: helps })),
  );
  return [...set, ...unsure];
}

const HELPED: Readonly<Partial<Record<ErrorCode, LeftOut['for']>>> = {
  'ssh/auth-rejected': 'sign-in',
  'ssh/no-credentials': 'sign-in',
  'ssh/identity-unreadable': 'sign-in',
  'ssh/host-key-unknown': 'host-key',
};

interface Tried {
  readonly name: string;
  readonly identityFiles: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** The failure, or the option that was left out and would have prevented it. */
export async function explainByLimits(error: unknown, host: Tried, files: Files): Promise<unknown> {
  const helps = HELPED[toErrorInfo(error).code];
  if (helps === undefined) return error;
  const option =
    host.leftOut.find((each) => each.for === helps)?.option ??
    (helps === 'sign-in' ? await besideKeys(host.identityFiles, files) : undefined);
  if (option === undefined) return error;
  const why =
    helps === 'sign-in' ? `${host.name} did not accept what Gangway has without it.` : 'Nothing was sent to it.';
  return fail('ssh/option-unsupported', { host: host.name, option, instead: `${why} ${USE_SYSTEM_SSH}` }, error);
}

/** `ssh` takes up a certificate that lies beside a key by itself, and asks a security key for its button. */
async function besideKeys(identityFiles: readonly string[], files: Files): Promise<string | undefined> {
  for (const file of identityFiles) {
    const certificate = await files.read(`${file}-cert.pub`).catch(() => undefined);
    if (certificate !== undefined) return `the certificate ${file}-cert.pub`;
    const key = await files.read(`${file}.pub`).catch(() => undefined);
    if (key?.startsWith('sk-') === true) return `the security key of ${file}`;
  }
  return undefined;
}
