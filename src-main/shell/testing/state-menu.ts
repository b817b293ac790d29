import type { GatewayView } from '../../contract/snapshot.ts';

/** A gateway in a state, and the icon, tooltip and first section of the menu that it must lead to. */
export interface StateMenu {
  readonly name: string;
  readonly gateway: GatewayView;
  readonly text: string;
}
