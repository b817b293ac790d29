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

/** Passing over one of these would go another way than the one that was asked for, or trust what must not be trusted. */
const NEEDED: readonly (readonly [option: string, isSet: (value: string) => boolean])[] = [
  ['ProxyCommand', isNot('none')],
  ['RevokedHostKeys', isNot('none')],
  ['BindAddress', isNot('*')],
  ['BindInterface', isNot('none')],
  ['PreferredAuthentications', (value) => !/\b(publickey|password|keyboard-interactive)\b/.test(value)],
];

/** Without one of these it may well work. Where it does not, they are the first thing to think of. */
const HELPFUL: readonly (readonly [option: string, isSet: (value: string) => boolean, helps: LeftOut['for']])[] = [
  ['CertificateFile', isNot('none'), 'sign-in'],
  ['PKCS11Provider', isNot('none'), 'sign-in'],
  ['SecurityKeyProvider', (value) => value !== 'none' && value !== 'internal', 'sign-in'],
  ['HostbasedAuthentication', isNot('no'), 'sign-in'],
  ['KnownHostsCommand', isNot('none'), 'host-key'],
  ['VerifyHostKeyDNS', (value) => value !== 'no' && value !== 'false', 'host-key'],
];

function isNot(off: string): (value: string) => boolean {
  return (value) => value !== off;
}

/** @throws AppError `ssh/option-unsupported` */
export function refuseUnsupported(host: string, config: SshConfig): void {
  for (const [option, isSet] of NEEDED) {
    const value = config.first(option.toLowerCase());
    if (value !== undefined && isSet(value)) {
      throw fail('ssh/option-unsupported', { host, option, instead: USE_SYSTEM_SSH });
    }
  }
}

export function leftOut(config: SshConfig): readonly LeftOut[] {
  return HELPFUL.flatMap(([option, isSet, helps]) => {
    const value = config.first(option.toLowerCase());
    return value !== undefined && isSet(value) ? [{ option, for: helps }] : [];
  });
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
