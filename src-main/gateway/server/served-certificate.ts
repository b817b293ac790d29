import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { fail } from '../../contract/errors.ts';
import type { TlsOptions } from '../../contract/gateway-host.ts';
import type { Clock, Logger } from '../../platform/ports.ts';
import { systemErrorCode } from '../../platform/system-error.ts';

/** What a server shows, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface ServedCertificateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Names and addresses for a certificate that has to be made. */
  readonly names: readonly string[];
}

/** How long a renewed certificate may lie there before it is served. */
const LOOK_INTERVAL_MS = 30_000;

/** The certificate a gateway shows. A renewed one is taken over while it runs, a faulty one never. */
export class ServedCertificate {
  readonly #options: TlsOptions;
  readonly #deps: ServedCertificateDeps;
  #pair: KeyPair;
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  #isClosed = false;
  #cancelLook = (): void => {};
  /** A fault is told once, not with every look. */
  #lastFault: string | undefined;

  private constructor(options: TlsOptions, deps: ServedCertificateDeps, pair: KeyPair) {
    this.#options = options;
    this.#deps = deps;
    this.#pair = pair;
    this.#lookLater();
  }

  /**
   * Reads the pair, or makes one where neither file is there and that is wanted. The caller closes it.
   *
   * @throws AppError `gateway/tls-unusable`
   */
  static async open(options: TlsOptions, deps: ServedCertificateDeps): Promise<ServedCertificate> {
    const pair = (await readPair(options)) ?? (await makePair(options, deps));
    return new ServedCertificate(options, deps, pair);
  }

  get pair(): KeyPair {
    return this.#pair;
  }

  /** SHA-256 of the certificate, as clients pin it: `AB:CD:…`. */
  get fingerprint(): string {
    return new X509Certificate(this.#pair.cert).fingerprint256;
  }

  onRenewed(listener: (pair: KeyPair) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
  }

  #lookLater(): void {
    this.#cancelLook = this.#deps.clock.after(LOOK_INTERVAL_MS, () => {
      void this.#look().then(() => {
        if (!this.#isClosed) this.#lookLater();
      });
    });
  }

  async #look(): Promise<void> {
    const { log } = this.#deps;
    try {
      const pair = await readPair(this.#options);
      this.#lastFault = undefined;
      if (this.#isClosed || pair === undefined || isDeepStrictEqual(pair, this.#pair)) return;
      this.#pair = pair;
      for (const listener of this.#listeners) listener(pair);
      log.info('another certificate is served', { fingerprint: this.fingerprint });
    } catch (error) {
      const fault = JSON.stringify(error);
      if (fault !== this.#lastFault) log.warn('the renewed certificate is not served: it has a fault', { error });
      this.#lastFault = fault;
    }
  }
}

/** `undefined` when neither file is there. */
async function readPair({ certFile, keyFile }: TlsOptions): Promise<KeyPair | undefined> {
  const [cert, key] = await Promise.all([readText(certFile), readText(keyFile)]);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw unusable(certFile, 'it does not exist');
  if (key === undefined) throw unusable(keyFile, 'it does not exist');
  checkPair({ cert, key }, { certFile, keyFile });
  return { cert, key };
}

function checkPair({ cert, key }: KeyPair, { certFile, keyFile }: Pick<TlsOptions, 'certFile' | 'keyFile'>): void {
  const certificate = parsed(() => new X509Certificate(cert), certFile, 'it holds no certificate');
  const privateKey = parsed(() => createPrivateKey(key), keyFile, 'it holds no key that opens without a passphrase');
  if (!certificate.checkPrivateKey(privateKey)) throw unusable(keyFile, 'it does not belong to the certificate');
}

function parsed<T>(parse: () => T, file: string, problem: string): T {
  try {
    return parse();
  } catch {
    // The error of the parser may quote what it read.
    throw unusable(file, problem);
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw unusable(file, `it cannot be read (${systemErrorCode(error) ?? 'unknown'})`);
  }
}

async function makePair(options: TlsOptions, { clock, log, names }: ServedCertificateDeps): Promise<KeyPair> {
  const { certFile, keyFile, autoGenerate } = options;
  if (!autoGenerate) throw unusable(certFile, 'it does not exist');
  // Loaded only where one has to be made, which is once.
  const { createSelfSigned } = await import('./self-signed.ts');
  const pair = await createSelfSigned(names, clock.now());
  await writeNew(keyFile, pair.key);
  try {
    await writeNew(certFile, pair.cert);
  } catch (error) {
    await rm(keyFile);
    throw error;
  }
  log.info('made a certificate that vouches for itself', { certFile });
  return pair;
}

/** Never over a file that is there. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw unusable(file, `it cannot be written (${systemErrorCode(error) ?? 'unknown'})`);
  }
}

function unusable(file: string, problem: string): Error {
  return fail('gateway/tls-unusable', { file, problem });
}
