import type { ReactNode } from 'react';

import { FingerprintText } from './FingerprintText.tsx';
import { fingerprintGroups, keyArtTitle, keyTypeName } from './host-key-text.ts';
import { randomart } from './randomart.ts';

interface KeyPrintProps {
  /** Where the key comes from: `studio`, `Known, line 3`. */
  readonly from: string;
  readonly keyType: string;
  readonly fingerprint: string;
}

/** A host key as text to read out and as a picture to glance at. */
export function KeyPrint({ from, keyType, fingerprint }: KeyPrintProps): ReactNode {
  return (
    <div className="print">
      <div className="pair">
        <div>
          <span className="meta wrap-any">
            {from}, {keyTypeName(keyType)}
          </span>
          <FingerprintText fingerprint={fingerprint} groups={fingerprintGroups(fingerprint)} />
        </div>
        <pre aria-hidden>{randomart(fingerprint, keyArtTitle(keyType))}</pre>
      </div>
    </div>
  );
}
