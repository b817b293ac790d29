import { fail, toErrorInfo, type AppError } from '../contract/errors.ts';
import { supportedAlgorithms } from './algorithms.ts';
import { Dialer, dialSocket, hostNameOf, readKnown, refuseHostKey, type DialDeps } from './dialer.ts';
import { shakeHands } from './handshake.ts';
import { fingerprint, type HostKey } from './host-key.ts';
import { appendKnownHost } from './known-hosts-files.ts';
import type { KnownHost } from './known-hosts.ts';
import { resolveHost, type ResolvedHost } from './resolve-host.ts';
import type { TunnelOptions } from './tunnel.ts';

const CONNECT_TIMEOUT_MS = 10_000;

type TrustDeps = Pick<DialDeps, 'files' | 'runner' | 'log' | 'machine' | 'clock'>;

/**
 * Adds the host's key to known_hosts if it is the one whose fingerprint a person has just seen. Connects only as
 * far as the proof of the host key and does not sign in. Does nothing when the key is known already.
 * @throws AppError `ssh/host-key-changed` when another key is shown now, `ssh/host-key-revoked`, `app/file-unwritable`, or why the host could not be reached
 */
export async function trustHostKey(
  options: TunnelOptions,
  expectedFingerprint: string,
  deps: TrustDeps,
): Promise<void> {
  const host = await resolveHost(options, deps);
  if (host.jumps.length > 0) return trustOnTheWay(options, expectedFingerprint, deps);
  const known = await readKnown(host, deps.files);
  const key = await fetchHostKey(host, known, { clock: deps.clock, expectedFingerprint });
  if (known.judge(key).verdict === 'known') return;
  await appendKnownHost(host.userKnownHosts[0], { name: hostNameOf(host), key }, deps.files);
  deps.log.info('host key trusted', { host: host.name, keyType: key.type, fingerprint: expectedFingerprint });
}

/**
 * With hosts to go through it may be any of them that is not known: the way is gone once more, and the key with that
 * fingerprint is trusted where it is shown. What fails behind it is told when the tunnel gets there.
 */
async function trustOnTheWay(options: TunnelOptions, acceptFingerprint: string, deps: TrustDeps): Promise<void> {
  const dialer = new Dialer({ ...options, acceptNewHostKey: false, acceptFingerprint }, deps);
  const request = { connectTimeoutMs: CONNECT_TIMEOUT_MS, isEager: false, afresh: true, onResolved: () => {} };
  try {
    const connection = await dialer.dial({ ...request, signal: new AbortController().signal });
    await connection.close();
  } catch (error) {
    const code = toErrorInfo(error).code;
    deps.log.info('the way ends behind the trusted key', { code });
    if (code === 'ssh/host-key-changed' || code === 'ssh/host-key-revoked') throw error;
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
  { clock, expectedFingerprint }: Pick<DialDeps, 'clock'> & { readonly expectedFingerprint: string },
): Promise<HostKey> {
  const { signal } = new AbortController();
  const socket = await dialSocket(host, CONNECT_TIMEOUT_MS, { clock, signal, isEager: false });
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
            ? refuseOther(key, host, expectedFingerprint)
            : refuseHostKey(key, known, host.name),
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
