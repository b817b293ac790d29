import type { ErrorInfo } from '../contract/errors.ts';
import { OTHER_CERTIFICATE, type CertificateSeen } from '../platform/checked-tls.ts';

const UNTRUSTED = 'it is not signed by anybody this computer trusts';

/** Codes of OpenSSL and Node for certificates: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out for another name',
  EPROTO: 'what answers there does not speak TLS',
};

/** Why a server was not believed; `undefined` when the fault is not about its certificate. */
export function certificateFault(
  url: string,
  code: string | undefined,
  seen: CertificateSeen | undefined,
): ErrorInfo | undefined {
  if (code === OTHER_CERTIFICATE && seen?.pinned !== undefined) {
    return { code: 'gateway/certificate-changed', params: { url, fingerprint: seen.shown, pinned: seen.pinned } };
  }
  const problem = PROBLEMS[code ?? ''] ?? (code?.startsWith('ERR_SSL_') === true ? PROBLEMS['EPROTO'] : undefined);
  if (problem === undefined) return undefined;
  return { code: 'gateway/certificate-invalid', params: { url, problem, fingerprint: seen?.shown } };
}
