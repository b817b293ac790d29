import type { ReactNode } from 'react';

import type { LocalExposure } from '../../../src-main/contract/exposure.ts';
import { LOCAL_GATEWAY, type GatewayView, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAct, useNow } from '../../stores/app-context.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { freshness } from './exposure-words.ts';
import { ReachSentence } from './ReachSentence.tsx';
import { useDevices } from './use-devices.ts';
import { TailscaleCard } from './TailscaleCard.tsx';

/** Who can reach the gateway of this computer, and how. */
export function ExposurePage({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const gateway = snapshot.gateways.find(({ id }) => id === LOCAL_GATEWAY);
  return (
    <>
      <div className="head">
        <div>
          <h1>Exposure</h1>
          <p className="lead">Who can reach the gateway of this computer, and how</p>
        </div>
      </div>
      {gateway?.exposure === undefined ? (
        <NoneHere snapshot={snapshot} gateway={gateway} />
      ) : (
        <>
          <Reach gateway={gateway} exposure={gateway.exposure} />
          <PlainHttp exposure={gateway.exposure} />
          <TailscaleCard exposure={gateway.exposure} />
        </>
      )}
    </>
  );
}

interface ReachProps {
  readonly gateway: GatewayView;
  readonly exposure: LocalExposure;
}

/** The one sentence, how fresh it is, and the address it is about. */
function Reach({ gateway, exposure }: ReachProps): ReactNode {
  const nowMs = useNow();
  const url = exposure.state.status === 'active' ? exposure.state.url : undefined;
  const devices = useDevices(gateway.reach.open?.to === 'tailnet');
  return (
    <ReachSentence gateway={gateway} checked={freshness(exposure, nowMs)} devices={devices}>
      {url === undefined ? undefined : <CopyButton text={url} label="Copy URL" />}
    </ReachSentence>
  );
}

/** What nobody can see by looking at an address. */
function PlainHttp({ exposure: { access } }: Pick<ReachProps, 'exposure'>): ReactNode {
  const act = useAct();
  if (access.bind !== 'tailnet' || access.url?.startsWith('https:') === true) return undefined;
  return (
    <div className="noticebox">
      <div className="notice" data-s="waiting">
        <Glyph name="warn" />
        <div>
          <div className="what">HTTP over the tailnet is plain to both ends</div>
          <div className="why">
            Tailscale encrypts the way between the two computers, but a browser there sees a page without a certificate,
            and whoever has the rights to watch the network of either of them can read along. Serve gives it a
            certificate, and leads to a gateway that listens on this computer only.
          </div>
        </div>
        <div className="fix">
          <button type="button" className="btn" onClick={() => void act('exposure.listen-here', undefined)}>
            Listen here only
          </button>
        </div>
      </div>
    </div>
  );
}

interface NoneHereProps {
  readonly snapshot: Snapshot;
  readonly gateway: GatewayView | undefined;
}

/** Nothing of ours runs here, so there is nothing that could be open. */
function NoneHere({ snapshot, gateway }: NoneHereProps): ReactNode {
  const act = useAct();
  if (gateway?.state.status === 'attached') {
    return <Notice error={{ code: 'tailscale/no-gateway', params: { attached: true } }} />;
  }
  const other = snapshot.gateways.find(({ id }) => id === snapshot.use && id !== LOCAL_GATEWAY);
  const isStarting = gateway?.wanted === 'up';
  return (
    <section className="card" aria-labelledby="none-here">
      <div className="empty">
        <Glyph name={isStarting ? 'connecting' : 'off'} size="xl" state={isStarting ? 'connecting' : 'off'} />
        <h2 id="none-here">
          {isStarting ? 'The gateway of this computer is starting' : 'No gateway runs on this computer'}
        </h2>
        <p>
          {isStarting
            ? 'Nobody else can reach it until it runs.'
            : 'So nobody can reach one here. Who can reach a gateway elsewhere is set over there.'}
        </p>
        {isStarting ? undefined : (
          <div className="row">
            {other === undefined ? (
              <button
                type="button"
                className="btn primary"
                onClick={() => void act('gateway.use', { id: LOCAL_GATEWAY })}
              >
                Start it
              </button>
            ) : (
              <button
                type="button"
                className="btn primary"
                onClick={() => void act('gateway.keep', { id: LOCAL_GATEWAY, keep: true })}
              >
                Run it beside {other.name}
              </button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
