import type { NewGateway } from '../../../src-main/contract/calls.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { checkPort, toPort } from './port.ts';

export type FormKind = NewGateway['kind'];
export type FormField =
  'name' | 'target' | 'remotePort' | 'identityFile' | 'engine' | 'url' | 'trustedNetwork' | 'token';

/** What was typed, trimmed. Fields of the other kind are empty, and so is a box that is not ticked. */
export type FormValues = Readonly<Record<FormField, string>>;

export type FormProblems = Readonly<Partial<Record<FormField, string>>>;

export type CheckedForm =
  | { readonly ok: true; readonly gateway: NewGateway; readonly token: string | undefined }
  | { readonly ok: false; readonly problems: FormProblems };

/** Port of a gateway unless it was moved. */
export const USUAL_PORT = '18789';

/** Turns what was typed into a gateway, or says beside each field why not. */
export function checkForm(kind: FormKind, values: FormValues): CheckedForm {
  const checks: Partial<Record<FormField, string | undefined>> = {
    name: checkName(values.name),
    ...(kind === 'ssh'
      ? { target: checkTarget(values.target), remotePort: checkPort(values.remotePort) }
      : { url: checkUrl(values.url, values.trustedNetwork !== '') }),
  };
  const problems = Object.fromEntries(Object.entries(checks).filter(([, problem]) => problem !== undefined));
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  return { ok: true, gateway: toGateway(kind, values), token: values.token === '' ? undefined : values.token };
}

function toGateway(
  kind: FormKind,
  { name, target, remotePort, identityFile, engine, url, trustedNetwork }: FormValues,
): NewGateway {
  if (kind === 'direct') return { kind, name, url, ...(trustedNetwork === '' ? {} : { trustedNetwork: true }) };
  return {
    kind,
    name,
    target,
    remotePort: toPort(remotePort) ?? Number(USUAL_PORT),
    ...(identityFile === '' ? {} : { identityFile }),
    ...(engine === 'system-ssh' ? { engine } : {}),
  };
}

function checkName(name: string): string | undefined {
  if (name === '') return 'A name is needed.';
  return name.length > 60 ? 'A name has 60 characters at most.' : undefined;
}

function checkTarget(target: string): string | undefined {
  if (target === '') return 'The computer is needed.';
  if (/\s/.test(target) || target.startsWith('-'))
    return 'Give user@host, user@host:port or an alias, without options.';
  return undefined;
}

function checkUrl(text: string, isTrusted: boolean): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol) || url.hostname === '') {
    return 'The address begins with wss://, or with ws:// for this computer.';
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return 'The address must not carry a name, a secret or a query. The token has its own field.';
  }
  if (isTrusted || isEncrypted(url) || isLoopback(url.hostname)) return undefined;
  return 'That address would send your token in the clear. Use wss://, or reach that computer over SSH. A private network that you trust can be marked below.';
}

function isEncrypted({ protocol }: URL): boolean {
  return protocol === 'wss:' || protocol === 'https:';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The field a refusal is about, so that it stands beside it; the name where it is about the whole. */
export function fieldOf(error: ErrorInfo, kind: FormKind): FormField {
  const address: FormField = kind === 'ssh' ? 'target' : 'url';
  if (error.code === 'ssh/target-invalid' || error.code === 'gateway/insecure-url') return address;
  if (error.code === 'ssh/identity-unreadable') return 'identityFile';
  if (error.code !== 'app/input-invalid') return 'name';
  const named = /^(target|remotePort|identityFile|url|token)\b/.exec(error.params.problem)?.[1];
  if (named !== undefined) return named as FormField;
  return /address/i.test(error.params.problem) ? address : 'name';
}
