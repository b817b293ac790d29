import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { systemError } from './system-error.ts';

/** Code of the error when a server shows another certificate than the one that was pinned. */
export const OTHER_CERTIFICATE = 'ERR_OTHER_CERTIFICATE';

/** The certificate a server showed, and the one it should have shown where that is known: `AB:CD:…`. */
export interface CertificateSeen {
  readonly shown: string;
  readonly pinned: string | undefined;
}

/**
 * Connects to a server that shows the pinned certificate; without a pin, one that this computer trusts. A pinned one
 * needs nobody's word, and may have run out. With any other the socket fails, with what it showed, in the place of
 * `secureConnect`; what was written before that event may have reached it.
 *
 * @param pin SHA-256 as `AB:CD:…`
 */
export function connectChecked(options: ConnectionOptions, pin: string | undefined): TLSSocket {
  const { host = '', servername = isIP(host) === 0 ? host : '' } = options;
  const socket = connect({ ...options, path: undefined, servername, rejectUnauthorized: false });
  const emit = socket.emit.bind(socket);
  // Not by a listener: those that wait for the same event would be told all the same.
  socket.emit = (event: string | symbol, ...told: unknown[]): boolean => {
    const fault = event === 'secureConnect' ? faultOf(socket, pin) : undefined;
    if (fault === undefined) return emit(event, ...told);
    socket.destroy(fault);
    return true;
  };
  return socket;
}

function faultOf(socket: TLSSocket, pin: string | undefined): Error | undefined {
  const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  const code = pin === undefined ? untrusted(socket) : shown === pin ? undefined : OTHER_CERTIFICATE;
  if (code === undefined) return undefined;
  const seen: CertificateSeen = { shown, pinned: pin };
  return Object.assign(systemError(code, 'the certificate was not taken'), { seen });
}

/** What was seen, where that was the reason why `connectChecked` gave up. */
export function certificateSeen(error: unknown): CertificateSeen | undefined {
  return error instanceof Error && 'seen' in error ? (error.seen as CertificateSeen) : undefined;
}

/** A code, though it is declared as an error: https://nodejs.org/api/tls.html#tlssocketauthorizationerror */
function untrusted({ authorized, authorizationError }: TLSSocket): string | undefined {
  if (authorized) return undefined;
  const found: unknown = authorizationError;
  return typeof found === 'string' ? found : 'CERT_UNTRUSTED';
}
