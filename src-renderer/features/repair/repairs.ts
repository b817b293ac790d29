import { describeError, type ErrorAction, type ErrorInfo } from '../../../src-main/contract/errors.ts';
import { isAwaited, type GatewayKind } from '../../../src-main/contract/snapshot.ts';

export type RepairDialog =
  | 'trust-host-key'
  | 'compare-host-keys'
  | 'trust-certificate'
  | 'trust-network'
  | 'enter-token'
  | 'move-port'
  | 'choose-identity'
  | 'pickup-token'
  | 'pickup-approval';

/** One button that fixes a fault: it opens a question, or is one call. */
export type RepairStep =
  | { readonly type: 'dialog'; readonly label: string; readonly dialog: RepairDialog }
  | { readonly type: 'move'; readonly label: string; readonly port: number }
  | { readonly type: 'use-system-ssh'; readonly label: string }
  | { readonly type: 'attach'; readonly label: string };

/** The buttons for a fault, the one that most likely helps first. None where only trying again or waiting can help. */
export function repairsFor(cause: ErrorInfo, kind?: GatewayKind): readonly RepairStep[] {
  return [...overSsh(cause, kind), ...byHand(cause)];
}

/** What the other computer's own programs can do, so that nothing has to be copied from there. */
function overSsh(cause: ErrorInfo, kind: GatewayKind | undefined): readonly RepairStep[] {
  if (kind !== 'ssh') return [];
  if (describeError(cause).action === 'enter-token' && cause.code !== 'secrets/unreadable') {
    return [{ type: 'dialog', label: 'Get the token over SSH', dialog: 'pickup-token' }];
  }
  const isListed = cause.code === 'gateway/pairing-required' && cause.params.requestId !== undefined;
  return isListed ? [{ type: 'dialog', label: 'Approve over SSH', dialog: 'pickup-approval' }] : [];
}

type Question = Omit<Extract<RepairStep, { type: 'dialog' }>, 'type'>;

const QUESTIONS: Readonly<Partial<Record<ErrorAction, Question>>> = {
  'trust-host-key': { label: 'Compare the fingerprint', dialog: 'trust-host-key' },
  'compare-host-keys': { label: 'Compare the keys', dialog: 'compare-host-keys' },
  'trust-certificate': { label: 'Compare the certificate', dialog: 'trust-certificate' },
  'trust-network': { label: 'Trust that network', dialog: 'trust-network' },
  'enter-token': { label: 'Enter the token', dialog: 'enter-token' },
  'choose-identity': { label: 'Choose another key', dialog: 'choose-identity' },
};

function byHand(cause: ErrorInfo): readonly RepairStep[] {
  const { action } = describeError(cause);
  if (action === undefined || (action === 'trust-certificate' && !hasFingerprint(cause))) return [];
  // On the internet there is no network to be trusted.
  if (cause.code === 'gateway/insecure-url' && cause.params.isPublic === true) return [];
  const question = QUESTIONS[action];
  if (question !== undefined) return [{ type: 'dialog', ...question }];
  if (action === 'use-system-ssh') return [{ type: 'use-system-ssh', label: "Use the system's ssh for this gateway" }];
  if (action === 'move-port') return moves(cause);
  return action === 'attach' ? [{ type: 'attach', label: 'Attach' }, ...moves(cause)] : [];
}

/** Nothing can be compared where no certificate was shown. */
function hasFingerprint({ params }: ErrorInfo): boolean {
  return 'fingerprint' in params && params.fingerprint !== undefined;
}

function moves(cause: ErrorInfo): readonly RepairStep[] {
  const another: RepairStep = { type: 'dialog', label: 'Another port', dialog: 'move-port' };
  if (cause.code !== 'gateway/port-taken' && cause.code !== 'gateway/port-taken-by-gateway') return [another];
  const port = cause.params.suggestedPort;
  return port === undefined ? [another] : [{ type: 'move', label: `Move to port ${port}`, port }, another];
}

/** A lockout only grows when it is tried again before its end, and what waits for this computer goes on by itself. */
export function mayTryNow(cause: ErrorInfo): boolean {
  return cause.code !== 'gateway/rate-limited' && !isAwaited(cause);
}
