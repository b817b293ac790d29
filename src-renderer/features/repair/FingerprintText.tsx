import { Fragment, type ReactNode } from 'react';

import { CopyButton } from '../../ui/CopyButton.tsx';

interface FingerprintTextProps {
  readonly fingerprint: string;
  /** In pieces that can be read out. */
  readonly groups: readonly string[];
}

/** A fingerprint to read out, whole for a screen reader, and to copy. */
export function FingerprintText({ fingerprint, groups }: FingerprintTextProps): ReactNode {
  return (
    <>
      <span className="hash">
        <span className="sr">{fingerprint}</span>
        <span aria-hidden>
          {groups.map((group, index) => (
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
    </>
  );
}
