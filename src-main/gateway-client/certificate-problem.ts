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

/** What is wrong with the certificate of a server, in words; `undefined` when the fault is another one. */
export function certificateProblem(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return PROBLEMS[code] ?? (code.startsWith('ERR_SSL_') ? PROBLEMS['EPROTO'] : undefined);
}
