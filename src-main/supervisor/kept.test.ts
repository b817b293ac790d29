import { expect, it } from 'vitest';

import { LOCAL_GATEWAY, type GatewayId } from '../contract/snapshot.ts';
import type { GatewayRecord, Settings } from '../config/settings-schema.ts';
import { withKept } from './kept.ts';

const ssh = (id: string, localPort: number): GatewayRecord => ({
  id: id as GatewayId,
  name: id,
  flag: { pattern: 1, hue: 1 },
  kind: 'ssh',
  target: id,
  engine: 'built-in',
  remoteHost: '127.0.0.1',
  remotePort: 18_789,
  localPort,
  identityFile: undefined,
  knownHostsFile: undefined,
  sshConfigFile: undefined,
  forwards: [],
});

const settings: Settings = {
  version: 1,
  use: LOCAL_GATEWAY,
  keep: [],
  local: { port: undefined, attach: false },
  gateways: [ssh('a', 18_789), ssh('b', 18_909), ssh('c', 18_789)],
};

const id = (text: string): GatewayId => text as GatewayId;

it('gives a kept gateway a port that no other wants', () => {
  const { keep, gateways } = withKept(settings, id('a'), true);
  expect(keep).toEqual(['a']);
  expect(gateways.map((record) => record.kind === 'ssh' && record.localPort)).toEqual([19_029, 18_909, 18_789]);
});

it('leaves a port alone that is nobody else’s, and keeps it when it is kept no longer', () => {
  const kept = withKept(settings, id('b'), true);
  expect(kept.gateways).toEqual(settings.gateways);
  expect(withKept(kept, id('b'), false)).toEqual(settings);
});

it('moves the local gateway as well', () => {
  expect(withKept(settings, LOCAL_GATEWAY, true).local.port).toBe(19_029);
});

it('keeps a gateway once, however often that is asked', () => {
  const twice = withKept(withKept(settings, id('b'), true), id('b'), true);
  expect(twice.keep).toEqual(['b']);
});
