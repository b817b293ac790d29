import { useEffect, useRef, useState, type ReactNode } from 'react';

import { LOCAL_GATEWAY, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useApp } from '../../stores/app-context.ts';
import { HREF, type Place } from '../../stores/place.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { GatewayPicker } from './GatewayPicker.tsx';

interface SidebarProps {
  readonly snapshot: Snapshot;
  readonly place: Place;
}

/** Which gateway, and where to go. Where there is little room it is a bar, and the places fold into a menu. */
export function Sidebar({ snapshot, place }: SidebarProps): ReactNode {
  const { bridge, signOut } = useApp();
  const { open, setOpen, side, fold } = useFold(place);
  return (
    <div className="side" ref={side}>
      <button
        ref={fold}
        type="button"
        className="btn quiet square fold"
        aria-label="Places"
        aria-expanded={open}
        aria-controls="places"
        onClick={() => setOpen(!open)}
      >
        <Icon name="menu" />
      </button>
      <GatewayPicker snapshot={snapshot} />
      <div className="places" id="places" data-open={open ? '' : undefined}>
        <nav className="nav" aria-label="Gateway">
          <PlaceLink to="overview" icon="overview" here={place}>
            Overview
          </PlaceLink>
        </nav>
        {bridge.surface === 'app' ? (
          <nav className="nav" aria-label="Connection">
            <PlaceLink to="exposure" icon="exposure" here={place} mark={<OpenMark snapshot={snapshot} />}>
              Exposure
            </PlaceLink>
          </nav>
        ) : undefined}
        {bridge.surface === 'app' ? (
          <nav className="nav last" aria-label="Application">
            <PlaceLink to="gateways" icon="gateways" here={place}>
              Gateways
            </PlaceLink>
          </nav>
        ) : undefined}
        {signOut === undefined ? undefined : (
          <div className="nav last">
            <button type="button" className="btn quiet" onClick={signOut}>
              <Icon name="leave" />
              Sign out
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

interface PlaceLinkProps {
  readonly to: Place;
  readonly icon: IconName;
  readonly here: Place;
  readonly children: ReactNode;
  readonly mark?: ReactNode;
}

function PlaceLink({ to, icon, here, children, mark }: PlaceLinkProps): ReactNode {
  return (
    <a href={HREF[to]} aria-current={to === here ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{children}</span>
      {mark}
    </a>
  );
}

/** That others reach the gateway of this computer is seen on every page, whichever gateway is in use. */
function OpenMark({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const open = snapshot.gateways.find(({ id }) => id === LOCAL_GATEWAY)?.reach.open;
  if (open === undefined) return undefined;
  const state = open.to === 'internet' ? 'public' : 'exposed';
  return (
    <span className="count">
      <Glyph name={state} state={state} />
      <span className="sr">
        , open to {{ internet: 'the internet', tailnet: 'your tailnet', lan: 'your network' }[open.to]}
      </span>
    </span>
  );
}

/** The folded menu: closes on Escape, on a press outside and when a place was chosen. */
function useFold(place: Place) {
  const [openAt, setOpenAt] = useState<Place>();
  const side = useRef<HTMLDivElement>(null);
  const fold = useRef<HTMLButtonElement>(null);
  const open = openAt === place;
  useEffect(() => {
    if (!open) return undefined;
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpenAt(undefined);
      fold.current?.focus();
    };
    const press = (event: PointerEvent): void => {
      if (event.target instanceof Node && !side.current?.contains(event.target)) setOpenAt(undefined);
    };
    document.addEventListener('keydown', key);
    document.addEventListener('pointerdown', press);
    return () => {
      document.removeEventListener('keydown', key);
      document.removeEventListener('pointerdown', press);
    };
  }, [open]);
  return { open, setOpen: (next: boolean) => setOpenAt(next ? place : undefined), side, fold };
}
