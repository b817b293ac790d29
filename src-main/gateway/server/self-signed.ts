import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import { AttributeTypeAndValue, BasicConstraints, Certificate, Extension, GeneralName, GeneralNames } from 'pkijs';

export interface SelfSigned {
  /** PEM. */
  readonly cert: string;
  /** PKCS#8 in PEM. */
  readonly key: string;
}

const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';
const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
/** The bit `digitalSignature` alone, RFC 5280 section 4.2.1.3. */
const DIGITAL_SIGNATURE = Uint8Array.of(0x80);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
/** Nobody but whoever pinned it believes it, and a pin that runs out helps nobody: ten years. */
const VALID_DAYS = 3_650;
const DAY_MS = 86_400_000;

/** Makes a certificate that vouches for itself, for clients that pin it. `names`: host names and addresses, the first is shown. */
export async function createSelfSigned(names: readonly string[], nowMs: number): Promise<SelfSigned> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = new Certificate({
    version: 2,
    serialNumber: new Integer({ valueHex: positive(crypto.getRandomValues(new Uint8Array(16))) }),
    extensions: [
      extension(BASIC_CONSTRAINTS, new BasicConstraints({ cA: false }).toSchema().toBER(), { critical: true }),
      extension(KEY_USAGE, new BitString({ valueHex: DIGITAL_SIGNATURE, unusedBits: 7 }).toBER(), { critical: true }),
      extension(SUBJECT_ALT_NAME, new GeneralNames({ names: names.map(generalName) }).toSchema().toBER()),
    ],
  });
  const name = new AttributeTypeAndValue({
    type: COMMON_NAME,
    value: new Utf8String({ value: (names[0] ?? 'gateway').slice(0, 64) }),
  });
  certificate.issuer.typesAndValues.push(name);
  certificate.subject.typesAndValues.push(name);
  // A day back: clocks of clients differ.
  certificate.notBefore.value = new Date(nowMs - DAY_MS);
  certificate.notAfter.value = new Date(nowMs + VALID_DAYS * DAY_MS);
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey);
  await certificate.sign(pair.privateKey, 'SHA-256');
  const key = await crypto.subtle.exportKey('pkcs8', pair.privateKey);
  return {
    cert: new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString(),
    key: pem('PRIVATE KEY', key),
  };
}

function extension(extnID: string, value: ArrayBuffer, { critical = false } = {}): Extension {
  return new Extension({ extnID, critical, extnValue: value });
}

/** Types of general names, RFC 5280 section 4.2.1.6: 2 is a host name, 7 an address. */
function generalName(name: string): GeneralName {
  if (isIP(name) === 0) return new GeneralName({ type: 2, value: name });
  return new GeneralName({ type: 7, value: new OctetString({ valueHex: addressBytes(name) }) });
}

function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.'), Number);
  const [head = '', tail = ''] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail)];
  const missing = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...missing, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** A serial number is positive and not empty at its front. */
function positive(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.map((byte, index) => (index === 0 ? (byte & 0x3f) | 0x40 : byte));
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
