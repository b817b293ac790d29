import { describeError, type ErrorAction, type ErrorInfo } from '../contract/errors.ts';
import type { GatewayKind } from '../contract/snapshot.ts';

type ToWords = (name: string, cause: ErrorInfo) => string | undefined;

/** What a button does in a window, in words for a terminal. */
const REPAIRS: Readonly<Partial<Record<ErrorAction, ToWords>>> = {
  'try-now': () => 'gangway retry',
  'move-port': (name, cause) => `gangway gateways move ${name} --port ${suggestedPort(cause) ?? 'N'}`,
  attach: () => 'gangway gateways attach',
  'trust-host-key': (name, cause) =>
    cause.code === 'ssh/host-key-unknown'
      ? `gangway gateways trust ${name} --fingerprint ${cause.params.fingerprint}`
      : undefined,
  'compare-host-keys': (name, cause) =>
    cause.code === 'ssh/host-key-changed' && cause.params.line !== undefined
      ? `gangway gateways trust ${name} --fingerprint ${cause.params.fingerprint} --replace`
      : undefined,
  'trust-certificate': (name, { params }) =>
    'fingerprint' in params && params.fingerprint !== undefined
      ? `gangway gateways trust ${name} --fingerprint ${params.fingerprint}`
      : undefined,
  'trust-network': (name, { params }) =>
    'isPublic' in params && params.isPublic ? undefined : `gangway gateways trust-network ${name}`,
  'choose-identity': (name) => `gangway gateways identity ${name} --file FILE`,
  'use-system-ssh': (name) => `gangway gateways engine ${name} system-ssh`,
  'enter-token': (name) => `gangway gateways token ${name} --token-file -`,
};

/** The words that mend a fault of a line; `undefined` where no command can. */
export function repairCommand(cause: ErrorInfo, gateway: string, kind?: GatewayKind): string | undefined {
  const { action } = describeError(cause);
  const name = shellWord(gateway);
  const isListed = cause.code === 'gateway/pairing-required' && cause.params.requestId !== undefined;
  if (isListed && kind === 'ssh') return `gangway gateways pickup ${name}`;
  return action === undefined ? undefined : REPAIRS[action]?.(name, cause);
}

/** A name as one word of a command line. */
export function shellWord(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name}'`;
}

function suggestedPort({ params }: ErrorInfo): number | undefined {
  return 'suggestedPort' in params ? params.suggestedPort : undefined;
}
