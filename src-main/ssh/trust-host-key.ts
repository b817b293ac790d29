import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import { supportedAlgorithms } from './algorithms.ts';
import { ConnectBudget } from './connect-budget.ts';
import { Dialer, dialSocket, readKnown, type DialDeps } from './dialer.ts';
import { shakeHands } from './handshake.ts';
import { carryOutDecision, judgeDecision, type HostKeyDecision } from './host-key-decision.ts';
import { fingerprint, type HostKey } from './host-key.ts';
import type { KnownHost } from './known-hosts.ts';
import { resolveHost, type ResolvedHost } from './resolve-host.ts';
import type { TunnelOptions } from './tunnel.ts';

const CONNECT_TIMEOUT_MS = 10_000;

type TrustDeps = Pick<DialDeps, 'files' | 'runner' | 'log' | 'machine' | 'clock' | 'sessionTrust' | 'budget'>;

/**
 * Carries out what a person decided about the key whose fingerprint they have just seen: adds it to known_hosts,
 * trusts it for this session, or puts it in the place of the known one. Connects only as far as the proof of the host
 * key and does not sign in. Does nothing when the key is known already.
 * @throws AppError `ssh/host-key-changed` when another key is shown now or a changed one is not to be replaced,
 * `ssh/host-key-revoked`, `ssh/host-key-in-system-file`, `app/file-unwritable`, or why the host could not be reached
 */
export async function trustHostKey(options: TunnelOptions, decision: HostKeyDecision, deps: TrustDeps): Promise<void> {
  const host = await resolveHost(options, deps);
  if (host.jumps.length > 0) return trustOnTheWay(options, decision, deps);
  // What was trusted once may be written down later.
  const known = await readKnown(host, decision.how === 'once' ? deps : { files: deps.files });
  const { clock, budget = new ConnectBudget(clock) } = deps;
  await budget.room(host, new AbortController().signal);
  const key = await budget.charge(host, fetchHostKey(host, known, { clock, decision }));
  await carryOutDecision(decision, { key, known, host }, deps);
}

/** What a person must hear of; anything else is told when the tunnel gets there. */
const TELLING: ReadonlySet<string> = new Set([
  'ssh/host-key-changed',
  'ssh/host-key-revoked',
  'ssh/host-key-in-system-file',
  'ssh/known-hosts-unreadable',
  'app/file-unwritable',
]);

/**
 * With hosts to go through it may be any of them whose key is in question: the way is gone once more, and the decision
 * is carried out where that key is shown.
 */
async function trustOnTheWay(options: TunnelOptions, decision: HostKeyDecision, deps: TrustDeps): Promise<void> {
  const dialer = new Dialer({ ...options, acceptNewHostKey: false, decision }, deps);
  const request = { connectTimeoutMs: CONNECT_TIMEOUT_MS, pace: 'kernel' as const, afresh: true, onResolved: () => {} };
  try {
    const connection = await dialer.dial({ ...request, signal: new AbortController().signal });
    await connection.close();
  } catch (error) {
    const { code } = toErrorInfo(error);
    deps.log.info('the way ends behind the trusted key', { code });
    if (TELLING.has(code)) throw error;
  }
}

// Between the person's look and now the key became another one: that is a change, though no line is on file yet.
function refuseOther(key: HostKey, host: ResolvedHost, expectedFingerprint: string): AppError | undefined {
  const shown = fingerprint(key.blob);
  if (shown === expectedFingerprint) return undefined;
  return fail('ssh/host-key-changed', {
    host: host.name,
    keyType: key.type,
    fingerprint: shown,
    knownFingerprint: expectedFingerprint,
    file: host.userKnownHosts[0],
    line: undefined,
  });
}

async function fetchHostKey(
  host: ResolvedHost,
  known: KnownHost,
  { clock, decision }: Pick<DialDeps, 'clock'> & { readonly decision: HostKeyDecision },
): Promise<HostKey> {
  const { signal } = new AbortController();
  const socket = await dialSocket(host, CONNECT_TIMEOUT_MS, { clock, signal, pace: 'kernel' });
  let proven: HostKey | undefined;
  try {
    await shakeHands(
      socket,
      {
        host,
        algorithms: supportedAlgorithms(),
        knownTypes: known.types,
        judgeHostKey: (key) =>
          known.judge(key).verdict === 'unknown'
            ? refuseOther(key, host, decision.fingerprint)
            : judgeDecision(decision, { key, known, host }),
        onHostKeyProven: (key) => (proven = key),
        credentials: undefined,
        clock,
      },
      signal,
    );
  } finally {
    socket.destroy();
  }
  if (!proven) throw new TypeError('the handshake ended without a host key');
  return proven;
}
