import { describe, expect, it } from 'vitest';

import { conditionFault, funnelPorts, isAtLeast, parseStatus } from './tailscale-status.ts';

/** As the daemon of 1.102.3 says it, shortened. */
const RUNNING = {
  BackendState: 'Running',
  Version: '1.102.3-t53a0d659a',
  AuthURL: '',
  Self: {
    DNSName: 'laptop.tail1f3a.ts.net.',
    UserID: 111,
    TailscaleIPs: ['100.64.0.5', 'fd7a:115c:a1e0::5'],
    CapMap: { https: null, funnel: null, 'https://tailscale.com/cap/funnel-ports?ports=443,8000-8010': null },
  },
  CurrentTailnet: { Name: 'example.com', MagicDNSEnabled: true },
  User: { 111: { LoginName: 'ann@example.com' } },
};

it('is read as far as it matters', () => {
  expect(parseStatus(RUNNING)).toEqual({
    backendState: 'Running',
    version: '1.102.3',
    authUrl: undefined,
    dnsName: 'laptop.tail1f3a.ts.net',
    addresses: ['100.64.0.5', 'fd7a:115c:a1e0::5'],
    owner: { id: '111', login: 'ann@example.com' },
    isInTailnet: true,
    hasMagicDns: true,
    capabilities: new Set(Object.keys(RUNNING.Self.CapMap)),
  });
});

it.each([
  [{ BackendState: 'NeedsLogin' }],
  [{ BackendState: 'NoState', Self: null, CurrentTailnet: null, User: null }],
  [{ BackendState: 'Starting', Self: { TailscaleIPs: null, CapMap: null }, CurrentTailnet: null }],
])('is read while next to nothing is known: %j', (document) => {
  expect(parseStatus(document)).toMatchObject({ dnsName: '', addresses: [], owner: undefined, isInTailnet: false });
});

it('gives a tagged computer no owner', () => {
  expect(parseStatus({ ...RUNNING, Self: { ...RUNNING.Self, Tags: ['tag:server'] } }).owner).toBeUndefined();
});

it('is refused where it is none', () => {
  for (const other of [undefined, null, 'Running', {}, { BackendState: 7 }])
    expect(() => parseStatus(other)).toThrow('nvalid');
});

it.each([
  ['NeedsLogin', 'tailscale/signed-out'],
  ['NeedsMachineAuth', 'tailscale/needs-approval'],
  ['Stopped', 'tailscale/stopped'],
  ['InUseOtherUser', 'tailscale/used-by-another'],
  ['NoState', 'tailscale/starting'],
  ['Starting', 'tailscale/starting'],
  ['SomethingNew', 'tailscale/starting'],
  ['Running', undefined],
])('%s is told as %s', (BackendState, code) => {
  expect(conditionFault(parseStatus({ ...RUNNING, BackendState }))?.code).toBe(code);
});

it('has not begun before the tailnet was heard of, whatever the state says', () => {
  expect(conditionFault(parseStatus({ ...RUNNING, CurrentTailnet: null }))?.code).toBe('tailscale/starting');
});

it('says where to sign in', () => {
  const AuthURL = 'https://login.tailscale.com/a/1';
  expect(conditionFault(parseStatus({ ...RUNNING, BackendState: 'NeedsLogin', AuthURL }))?.params).toEqual({
    url: AuthURL,
  });
});

describe('the ports of Funnel', () => {
  it('are lists and ranges', () => {
    const allows = funnelPorts(parseStatus(RUNNING));
    expect([443, 8000, 8005, 8010, 7999, 8011, 10_000].filter(allows)).toEqual([443, 8000, 8005, 8010]);
  });

  it('are none where nothing is said', () => {
    const allows = funnelPorts(parseStatus({ ...RUNNING, Self: { CapMap: { funnel: null } } }));
    expect(allows(443)).toBe(false);
  });
});

it.each([
  ['1.102.3', true],
  ['1.92.0', true],
  ['2.0.0', true],
  ['1.91.9', false],
  ['1.9.99', false],
  ['0.99.0', false],
  [undefined, false],
])('%s is at least 1.92: %s', (version, isEnough) => {
  expect(isAtLeast(version, '1.92')).toBe(isEnough);
});
