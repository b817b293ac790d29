import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';

import { gatewayInUse, type GatewayId, type GatewayView, type Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp, useNow } from '../../stores/app-context.ts';
import { Badge } from '../../ui/Badge.tsx';
import { FlagMark } from '../../ui/FlagMark.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { keyName } from './keys.ts';
import { shortGateway } from './line-words.ts';

/** Which gateway this is about, and the way to another one. */
export function GatewayPicker({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const [open, setOpen] = useState(false);
  const { bridge } = useApp();
  const listId = useId();
  const picker = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useCloseOutside(picker, open, () => setOpen(false));
  if (bridge.surface === 'browser') {
    return (
      <div className="picker">
        <div className="who still">
          <InUse snapshot={snapshot} />
        </div>
      </div>
    );
  }
  return (
    <div className="picker" ref={picker}>
      <button
        ref={button}
        type="button"
        className="who"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <InUse snapshot={snapshot} chevron />
      </button>
      {open ? <Picks id={listId} snapshot={snapshot} onDone={close} onLeave={() => setOpen(false)} /> : undefined}
    </div>
  );
}

function InUse({ snapshot, chevron = false }: { readonly snapshot: Snapshot; readonly chevron?: boolean }): ReactNode {
  const nowMs = useNow();
  const gateway = gatewayInUse(snapshot);
  const { status, text } = gateway === undefined ? OFF : shortGateway(gateway, nowMs);
  return (
    <>
      {gateway === undefined ? <Icon name="gateways" /> : <FlagMark flag={gateway.flag} />}
      <span>
        <span className="sr">Gateway: </span>
        <b>{gateway?.name ?? 'No gateway'}</b>
      </span>
      {chevron ? <Icon name="chevron" /> : <span />}
      <Badge status={status} plain>
        {text}
      </Badge>
    </>
  );
}

const OFF = { status: 'off', text: 'Off' } as const;

interface PicksProps {
  readonly id: string;
  readonly snapshot: Snapshot;
  /** A choice was made or refused: the focus goes back to the button. */
  readonly onDone: () => void;
  /** The focus went on by Tab. */
  readonly onLeave: () => void;
}

function Picks({ id, snapshot, onDone, onLeave }: PicksProps): ReactNode {
  const { apple } = useApp();
  const act = useAct();
  const nowMs = useNow();
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const items = itemsOf(menu);
    (items.find((item) => item.ariaChecked === 'true') ?? items[0])?.focus();
  }, []);
  const choose = (gateway: GatewayId | undefined): void => {
    onDone();
    if (gateway === snapshot.use) return;
    void (gateway === undefined ? act('gateway.off', undefined) : act('gateway.use', { id: gateway }));
  };
  return (
    <div
      ref={menu}
      id={id}
      className="picks"
      role="menu"
      tabIndex={-1}
      aria-label="Gateways"
      onKeyDown={(event) => steer(event, itemsOf(menu), { onDone, onLeave })}
    >
      {snapshot.gateways.map((gateway, index) => (
        <Pick key={gateway.id} checked={gateway.id === snapshot.use} onChoose={() => choose(gateway.id)}>
          <FlagMark flag={gateway.flag} />
          <b>{gateway.name}</b>
          <span className="end">
            <ShortState gateway={gateway} nowMs={nowMs} />
            {index < 9 ? <kbd className="meta">{keyName(String(index + 1), apple)}</kbd> : undefined}
          </span>
        </Pick>
      ))}
      <hr />
      <Pick checked={snapshot.use === undefined} onChoose={() => choose(undefined)}>
        <Glyph name="off" />
        <b>Off</b>
        <span className="meta">nothing is connected</span>
      </Pick>
    </div>
  );
}

function ShortState({ gateway, nowMs }: { readonly gateway: GatewayView; readonly nowMs: number }): ReactNode {
  const { status, text } = shortGateway(gateway, nowMs);
  return (
    <Badge status={status} plain>
      {text}
    </Badge>
  );
}

interface PickProps {
  readonly checked: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

function Pick({ checked, onChoose, children }: PickProps): ReactNode {
  return (
    <button type="button" className="pick" role="menuitemradio" aria-checked={checked} tabIndex={-1} onClick={onChoose}>
      {children}
    </button>
  );
}

function itemsOf(menu: RefObject<HTMLElement | null>): readonly HTMLElement[] {
  return [...(menu.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
}

/** Arrows, Home and End move, Escape goes back, Tab goes on. */
function steer(
  event: KeyboardEvent,
  items: readonly HTMLElement[],
  { onDone, onLeave }: Pick<PicksProps, 'onDone' | 'onLeave'>,
): void {
  if (event.key === 'Tab') return onLeave();
  const at = items.findIndex((item) => item === document.activeElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at + items.length - 1) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined && event.key !== 'Escape') return;
  event.preventDefault();
  if (target === undefined) onDone();
  else items[target]?.focus();
}

function useCloseOutside(inside: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return undefined;
    const press = (event: PointerEvent): void => {
      if (event.target instanceof Node && !inside.current?.contains(event.target)) close();
    };
    document.addEventListener('pointerdown', press);
    return () => document.removeEventListener('pointerdown', press);
  });
}
