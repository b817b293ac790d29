import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';

import type { LockedIdentity } from './identity-file.ts';

/**
 * A key file as an agent of its own: its public half is shown to the server first, and its private half is unlocked
 * only once the server wants a signature.
 */
export class LockedKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #publicKey: ParsedKey;
  readonly #unlock: () => Promise<ParsedKey | undefined>;

  /** `unlock` resolves with `undefined` when the sign-in is over; nothing is signed then. */
  constructor(publicKey: ParsedKey, unlock: () => Promise<ParsedKey | undefined>) {
    super();
    this.#publicKey = publicKey;
    this.#unlock = unlock;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(null, [this.#publicKey]);
  }

  // oxlint-disable-next-line max-params -- the signature of ssh2
  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    then?: SignCallback,
  ): void {
    const [done, hash] = typeof options === 'function' ? [options, undefined] : [then, options.hash];
    void this.#sign(data, hash, (...result) => done?.(...result));
  }

  async #sign(data: Buffer, hash: string | undefined, done: SignCallback): Promise<void> {
    const key = await this.#unlock();
    const signature = key?.sign(data, hash);
    if (signature instanceof Error) done(signature);
    else if (signature) done(null, signature);
  }
}

/** `undefined` where only the passphrase would show which key it is. */
export function publicKeyOf({ publicBlob }: LockedIdentity): ParsedKey | undefined {
  if (publicBlob === undefined) return undefined;
  const type = publicBlob.toString('latin1', 4, 4 + publicBlob.readUInt32BE(0));
  const parsed = ssh2.utils.parseKey(`${type} ${publicBlob.toString('base64')}`);
  return parsed instanceof Error ? undefined : parsed;
}
