import { at, laptop, studio, up, vps } from './snapshots.ts';
import type { StateMenu } from './state-menu.ts';

export const UP_MENUS: readonly StateMenu[] = [
  {
    name: 'where a gateway of this computer listens',
    gateway: laptop(up(1.2)),
    text: `
icon: connected
tooltip: Gangway — This laptop: connected
· This laptop: connected
· On this computer, port 18789, since 14:03, 1 ms
`,
  },
  {
    name: 'that a gateway on this computer was started by another program',
    gateway: laptop({ status: 'attached', sinceMs: at(9), checkedAtMs: at(14), roundTripMs: 2 }),
    text: `
icon: connected
tooltip: Gangway — This laptop: attached
· This laptop: attached
· On this computer, port 18789, started by another program,
· since 09:00, 2 ms
`,
  },
  {
    name: 'where a gateway over SSH is, since when and how far away',
    gateway: studio(up(23.4)),
    text: `
icon: connected
tooltip: Gangway — Studio: connected
· Studio: connected
· Over SSH to me@studio:22, since 14:03, 23 ms
`,
  },
  {
    name: 'the same of one that is reached directly',
    gateway: vps(up(52)),
    text: `
icon: connected
tooltip: Gangway — Frankfurt VPS: connected
· Frankfurt VPS: connected
· Directly to wss://vps.example/, since 14:03, 52 ms
`,
  },
  {
    name: 'that the gateway of this computer is starting',
    gateway: laptop({ status: 'connecting', sinceMs: at(14, 35, 58), attempt: 1 }),
    text: `
icon: connecting
tooltip: Gangway — This laptop: connecting
· This laptop: connecting
· On this computer, since 14:35:58
`,
  },
  {
    name: 'which attempt it is',
    gateway: studio({ status: 'connecting', sinceMs: at(14, 35, 58), attempt: 3 }),
    text: `
icon: connecting
tooltip: Gangway — Studio: connecting
· Studio: connecting
· Over SSH to me@studio:22, since 14:35:58, attempt 3
`,
  },
  {
    name: 'that a wish was not yet carried out',
    gateway: studio({ status: 'off' }, { wanted: 'up' }),
    text: `
icon: connecting
tooltip: Gangway — Studio: off
· Studio: off
· It is about to be started.
`,
  },
];
