import { fail } from '../contract/errors.ts';
import { plaintextFault } from './plaintext.ts';

/**
 * Checks a gateway address that a person gave and returns it in one form (`ws:` or `wss:`, no path).
 * `http(s)` is understood as `ws(s)`. A secret in the address is refused, so that it never reaches a log.
 *
 * @throws AppError `app/input-invalid` when it is not such an address;
 *   `gateway/insecure-url` for plaintext to anything but loopback, or to what is public where a person trusts the network.
 */
export function parseGatewayUrl(text: string, isTrustedNetwork = false): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const invalid = (problem: string): Error => fail('app/input-invalid', { call: 'gateway.add', problem });
  if (url === undefined) throw invalid('The address is not a URL such as wss://host:port');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid('The address must not carry a user name, a secret or a query');
  }
  const protocol = PROTOCOLS[url.protocol];
  if (protocol === undefined) throw invalid('The address must begin with wss:// or ws://');
  const address = `${protocol}//${url.host}`;
  const fault = plaintextFault(new URL(address), isTrustedNetwork);
  if (fault !== undefined) throw fail('gateway/insecure-url', { url: address, isPublic: fault === 'public' });
  return address;
}

const PROTOCOLS: Readonly<Record<string, 'ws:' | 'wss:'>> = {
  'ws:': 'ws:',
  'http:': 'ws:',
  'wss:': 'wss:',
  'https:': 'wss:',
};
