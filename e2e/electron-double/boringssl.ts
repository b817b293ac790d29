import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const ABSENT = /chacha|ccm|ocb|aria|camellia|sm4|seed|cast|bf-|idea/i;

/**
 * Electron's Node is built on BoringSSL, which lacks many ciphers. What is missing there is removed
 * here too: libraries choose their ciphers from this list, and asking for an absent one must fail.
 *
 * @see https://github.com/electron/electron/issues/24024
 */
export function removeCiphersElectronLacks(): void {
  const { getCiphers, createCipheriv, createDecipheriv } = crypto;
  Object.assign(crypto, {
    getCiphers: () => getCiphers().filter((name) => !ABSENT.test(name)),
    createCipheriv: unlessAbsent(createCipheriv as Factory),
    createDecipheriv: unlessAbsent(createDecipheriv as Factory),
  });
  syncBuiltinESMExports();
}

type Factory = (name: string, ...rest: readonly unknown[]) => unknown;

function unlessAbsent(create: Factory): Factory {
  return (name, ...rest) => {
    if (ABSENT.test(name)) throw new Error('Unknown cipher');
    return create(name, ...rest);
  };
}
