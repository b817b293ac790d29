import { Fragment, type ReactNode } from 'react';

import { CopyButton } from '../../ui/CopyButton.tsx';
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
          <span className="hash">
            <span className="sr">{fingerprint}</span>
            <span aria-hidden>
              {fingerprintGroups(fingerprint).map((group, index) => (
                // The groups never change place, so their index is their identity.
                // oxlint-disable-next-line react/no-array-index-key
                <Fragment key={index}>
                  <b>{group}</b>{' '}
                </Fragment>
              ))}
            </span>
          </span>
          <span>
            <CopyButton quiet text={fingerprint} label="Copy" />
          </span>
        </div>
        <pre aria-hidden>{randomart(fingerprint, keyArtTitle(keyType))}</pre>
      </div>
    </div>
  );
}
