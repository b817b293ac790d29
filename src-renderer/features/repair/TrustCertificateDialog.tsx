import { useState, type ReactNode } from 'react';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayId } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { FingerprintText } from './FingerprintText.tsx';

interface TrustCertificateDialogProps {
  readonly id: GatewayId;
  readonly name: string;
  readonly cause: ErrorInfo;
  readonly onClose: () => void;
}

/** A certificate nobody vouches for, or another than the trusted one. It is trusted only after it was compared. */
export function TrustCertificateDialog({ id, name, cause, onClose }: TrustCertificateDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const [compared, setCompared] = useState(false);
  if (cause.code !== 'gateway/certificate-invalid' && cause.code !== 'gateway/certificate-changed') return undefined;
  const { fingerprint } = cause.params;
  if (fingerprint === undefined) return undefined;
  const known = cause.code === 'gateway/certificate-changed' ? cause.params.pinned : undefined;
  const trust = async (): Promise<void> => {
    const result = await ask('gateway.trust-certificate', { id, fingerprint });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      title={known === undefined ? `Is this ${name}?` : `${name} shows another certificate`}
      sentence={
        known === undefined
          ? 'Nobody this computer trusts vouches for it. Nothing was sent.'
          : 'Either it was renewed, or another machine answers in its place. Nothing was sent.'
      }
      glyph={known === undefined ? 'info' : 'failed'}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" disabled={!compared || busy} onClick={() => void trust()}>
            Trust this certificate
          </button>
          <button type="button" className="btn primary" data-first="" onClick={onClose}>
            Stay stopped
          </button>
        </>
      }
    >
      {known === undefined ? undefined : <CertificatePrint from="Trusted" fingerprint={known} />}
      <CertificatePrint from="Shown now" fingerprint={fingerprint} />
      <p className="soft">{name} says its fingerprint when it starts, beside the address it listens on.</p>
      <label className="check">
        <input type="checkbox" checked={compared} onChange={(event) => setCompared(event.target.checked)} />
        <span>I compared the fingerprint that is shown now with the one {name} says itself</span>
      </label>
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

function CertificatePrint({ from, fingerprint }: { readonly from: string; readonly fingerprint: string }): ReactNode {
  return (
    <div className="print">
      <div className="pair">
        <div>
          <span className="meta">{from}, SHA-256</span>
          <FingerprintText fingerprint={fingerprint} groups={groups(fingerprint)} />
        </div>
      </div>
    </div>
  );
}

/** Four bytes at a time. */
function groups(fingerprint: string): readonly string[] {
  return (fingerprint.match(/(?:[0-9A-F]{2}:?){4}/g) ?? []).map((text) => text.replace(/:$/, ''));
}
