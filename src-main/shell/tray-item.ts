import type { CallName, Calls } from '../contract/calls.ts';
import type { WindowRoute } from './window-route.ts';

export type TrayIcon = 'connected' | 'public' | 'connecting' | 'waiting' | 'failed' | 'off';

type CallFromTray = Extract<
  CallName,
  | 'exposure.apply'
  | 'gateway.use'
  | 'gateway.off'
  | 'gateway.retry'
  | 'gateway.move'
  | 'gateway.attach'
  | 'gateway.set-engine'
>;

/** A call that needs nothing typed and nothing compared; everything else opens the window. */
export type TrayCall = { [C in CallFromTray]: { readonly name: C; readonly input: Calls[C]['input'] } }[CallFromTray];

export type TrayCommand =
  | { readonly type: 'call'; readonly call: TrayCall }
  | { readonly type: 'open-window'; readonly route: WindowRoute }
  | { readonly type: 'copy-text'; readonly text: string }
  | { readonly type: 'show-file'; readonly file: string }
  | { readonly type: 'quit' };

export interface TrayAction {
  readonly type: 'action';
  /** Unique within the menu and the same from one drawing to the next. */
  readonly id: string;
  readonly label: string;
  readonly command: TrayCommand;
  readonly enabled: boolean;
  /** Absent where a check mark has no meaning. */
  readonly checked?: boolean;
  readonly accelerator?: string;
}

/** What a native menu can draw on all three systems. `label` is a line of text that cannot be chosen. */
export type TrayItem =
  | { readonly type: 'separator' }
  | { readonly type: 'label'; readonly label: string }
  | TrayAction
  | { readonly type: 'submenu'; readonly id: string; readonly label: string; readonly items: readonly TrayItem[] };

export interface TrayModel {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

export interface TrayContext {
  readonly nowMs: number;
  readonly platform: NodeJS.Platform;
}

export const SEPARATOR: TrayItem = { type: 'separator' };

export const label = (text: string): TrayItem => ({ type: 'label', label: text });

/** An action that can be chosen. */
export function action(
  id: string,
  text: string,
  rest: Pick<TrayAction, 'command'> & Partial<Pick<TrayAction, 'checked' | 'accelerator' | 'enabled'>>,
): TrayAction {
  return { type: 'action', id, label: text, enabled: true, ...rest };
}

export const call = (of: TrayCall): TrayCommand => ({ type: 'call', call: of });
