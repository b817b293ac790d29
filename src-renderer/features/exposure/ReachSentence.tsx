import type { ReactNode } from 'react';

import type { TailnetDevices } from '../../../src-main/contract/exposure.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useNow } from '../../stores/app-context.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { closing, devicesDetail, devicesWords, exposureGlyph } from './exposure-words.ts';

interface ReachSentenceProps {
  readonly gateway: GatewayView;
  /** How fresh it is. */
  readonly checked?: string;
  /** Who the tailnet is, where it is open to that and this is known. */
  readonly devices?: TailnetDevices | undefined;
  /** What can be done with it. */
  readonly children?: ReactNode;
}

/** Who can reach a gateway, in one sentence that sets apart who is meant. */
export function ReachSentence({ gateway, checked = '', devices, children }: ReachSentenceProps): ReactNode {
  const nowMs = useNow();
  const { reach, exposure } = gateway;
  const { headline, detail, open } = reach;
  const who = open?.who ?? headline;
  const look = lookOf(gateway);
  return (
    <section className="say" data-s={look} aria-label="Who can reach this gateway">
      <Glyph name={look} />
      <div>
        <p>
          <strong>{who}</strong>
          {devices === undefined ? '' : ` ${devicesWords(devices)}`}
          {headline.slice(who.length)} {exposure === undefined ? '' : closing(exposure, nowMs)}
        </p>
        <p className="meta">
          {detail} {devices === undefined ? '' : devicesDetail(devices)} {checked}
        </p>
      </div>
      {children}
    </section>
  );
}

function lookOf({ reach: { open }, exposure }: GatewayView): ReturnType<typeof exposureGlyph> {
  if (open !== undefined) return open.to === 'internet' ? 'public' : 'exposed';
  return exposure === undefined ? 'off' : exposureGlyph(exposure);
}
