import { expect, it } from 'vitest';

import { LOCAL_GATEWAY, type GatewayView, type Snapshot } from '../contract/snapshot.ts';
import { renderTray } from './render-tray.ts';
import { closed, notOpen, opened } from './testing/exposures.ts';
import { NOW_MS, snapshotOf, studio } from './testing/snapshots.ts';
import { trayModel } from './tray-model.ts';

const drawn = (snapshot: Snapshot): string => renderTray(trayModel(snapshot, { nowMs: NOW_MS, platform: 'linux' }));
const alone = (gateway: GatewayView): string => drawn(snapshotOf([gateway], LOCAL_GATEWAY));

it('says who can reach a public gateway, until when, and how that is ended, before anything else', () => {
  const visitor = { address: '', login: undefined, device: undefined, requests: 1, isLockedOut: false, lastSeenMs: 0 };
  const visitors = [
    { ...visitor, signedIn: 'secret', refused: 0 },
    { ...visitor, signedIn: 'no', refused: 2 },
  ] as const;
  expect(alone(opened('funnel', { visitors })).split('\n---\n').slice(0, 3).join('\n---\n')).toBe(
    `
icon: public
tooltip: Gangway — This laptop: public, 28 min left
· This laptop: public, 28 min left
· Anyone on the internet can reach this gateway now, with the
· password.
· laptop.tail1f3a.ts.net, closes at 15:04
  Close to the internet now [CmdOrCtrl+.]
· On this computer, port 18789, since 14:03, 1 ms
---
✓ This laptop — public [CmdOrCtrl+1]
---
› Tailscale: Funnel
      Off
      Serve: my tailnet
    ✓ Funnel for 30 min
      Funnel…
    ---
      Copy https://laptop.tail1f3a.ts.net
· 1 signed in, 1 refused since it opened
· Anyone on the internet can reach this gateway now, with the password`.trim(),
  );
});

it.each<[string, GatewayView, readonly string[]]>([
  ['closed', closed(), ['icon: connected', '· This laptop: connected', '› Tailscale: Off', '    ✓ Off']],
  [
    'open to the tailnet',
    opened('serve'),
    [
      'icon: connected',
      '· This laptop: open to your tailnet',
      '  Close to your tailnet now',
      '› Tailscale: Serve',
      '    ✓ Serve: my tailnet',
    ],
  ],
  [
    'public until somebody closes it',
    opened('funnel', { wish: { mode: 'funnel', port: 443, untilMs: undefined } }),
    ['· This laptop: public', '      Funnel for 30 min', '    ✓ Funnel…'],
  ],
  [
    'wanted and not open',
    notOpen('waiting', { code: 'tailscale/stopped', params: {} }),
    ['icon: connected', '· This laptop: connected', '› Tailscale: Serve (not open)', '    ✓ Serve: my tailnet'],
  ],
])('draws a gateway that is %s', (_how, gateway, rows) => {
  const lines = alone(gateway).split('\n');
  expect(rows.filter((row) => !lines.includes(row))).toEqual([]);
});

it('says so as well when another gateway is in use', () => {
  const text = drawn(snapshotOf([opened('funnel'), studio()], studio().id));
  expect(text).toContain('tooltip: Gangway — Studio: connected; This laptop: public, 28 min left');
  expect(text).toContain('· This laptop: public, 28 min left\n');
  expect(text).toContain('  Close to the internet now [CmdOrCtrl+.]');
  expect(text).toContain('icon: public');
});

it('has no switch where no gateway of ours runs', () => {
  expect(drawn(snapshotOf([studio()]))).not.toContain('Tailscale');
});
