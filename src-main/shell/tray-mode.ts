import { LOCAL_GATEWAY, modeOf, type GatewayView, type Mode, type Snapshot } from '../contract/snapshot.ts';
import { action, call, type TrayItem } from './tray-item.ts';
import { nameOf } from './tray-status.ts';

const MODES: Readonly<Record<Mode, string>> = {
  local: 'Local',
  ssh: 'Remote over SSH',
  direct: 'Remote direct',
  off: 'Off',
};

/** The switch between this computer, one over there, and nothing at all. */
export function modeMenu(snapshot: Snapshot): TrayItem {
  const current = modeOf(snapshot);
  return {
    type: 'submenu',
    id: 'mode',
    label: `Mode: ${MODES[current]}`,
    items: [
      action('mode:local', MODES.local, {
        command: call({ name: 'gateway.use', input: { id: LOCAL_GATEWAY } }),
        checked: current === 'local',
      }),
      remoteMode('ssh', snapshot),
      remoteMode('direct', snapshot),
      action('mode:off', MODES.off, {
        command: call({ name: 'gateway.off', input: undefined }),
        checked: current === 'off',
      }),
    ],
  };
}

function remoteMode(kind: 'ssh' | 'direct', snapshot: Snapshot): TrayItem {
  const gateways = snapshot.gateways.filter((gateway) => gateway.kind === kind);
  const [only, second] = gateways;
  const id = `mode:${kind}`;
  if (only === undefined) {
    const command = { type: 'open-window', route: '/gateways' } as const;
    return action(id, `${MODES[kind]}: add a gateway…`, { command, checked: false });
  }
  if (second === undefined) return useItem(id, MODES[kind], { gateway: only, snapshot });
  const items = gateways.map((gateway) => useItem(`${id}:${gateway.id}`, nameOf(gateway), { gateway, snapshot }));
  return { type: 'submenu', id, label: MODES[kind], items };
}

function useItem(
  id: string,
  text: string,
  of: { readonly gateway: GatewayView; readonly snapshot: Snapshot },
): TrayItem {
  return action(id, text, {
    command: call({ name: 'gateway.use', input: { id: of.gateway.id } }),
    checked: of.snapshot.use === of.gateway.id,
  });
}
