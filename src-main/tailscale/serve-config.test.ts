import { describe, expect, it } from 'vitest';

import { holderOf, isClaimed, otherRoutes, parseServeConfig, type ClaimedRoute } from './serve-config.ts';

const HOST = 'laptop.tail1f3a.ts.net';
const OURS = 'http://127.0.0.1:41234';

const part = (port: number, target: string, isFunnel?: boolean) => ({
  TCP: { [port]: { HTTPS: true } },
  Web: { [`${HOST}:${port}`]: { Handlers: { '/': { Proxy: target } } } },
  ...(isFunnel !== undefined && { AllowFunnel: { [`${HOST}:${port}`]: isFunnel } }),
});
const held = (...parts: object[]) => ({
  Foreground: Object.fromEntries(parts.map((each, index) => [`${index}`, each])),
});
const claimed = (mode: ClaimedRoute['mode']): ClaimedRoute => ({ dnsName: HOST, port: 443, target: OURS, mode });

it.each([[null], [{}], [{ TCP: null, Web: null, AllowFunnel: null, Foreground: null }]])('%j is nothing', (json) => {
  const config = parseServeConfig(json);
  expect([holderOf(config, 443), otherRoutes(config, undefined)]).toEqual([undefined, 0]);
});

it('is refused where it is none', () => {
  for (const other of ['{}', [], { TCP: 7 }, { Foreground: { a: 'b' } }])
    expect(() => parseServeConfig(other)).toThrow('nvalid');
});

describe('a port', () => {
  it.each([
    ['in the background', part(443, 'http://127.0.0.1:3000'), 'http://127.0.0.1:3000'],
    ['with another program', held(part(443, 'http://127.0.0.1:3000')), 'http://127.0.0.1:3000'],
    ['by TCP alone', { TCP: { 443: { TCPForward: '127.0.0.1:22' } } }, '127.0.0.1:22'],
    ['with a folder', { TCP: { 443: {} }, Web: { 'x:443': { Handlers: { '/': { Path: '/srv' } } } } }, '/srv'],
    ['in a way we do not know', { TCP: { 443: { Odd: 1 } } }, 'another program'],
    ['by a Funnel that leads nowhere', { AllowFunnel: { [`${HOST}:443`]: true } }, 'a Funnel without a route'],
    ['of a service, which has an address of its own', { Services: { 'svc:x': part(443, 'http://x') } }, undefined],
    ['at another number', part(8443, 'http://127.0.0.1:3000'), undefined],
  ])('is held %s', (_name, json, holder) => {
    expect(holderOf(parseServeConfig(json), 443)).toBe(holder);
  });
});

describe('a route is ours', () => {
  it.each([
    ['exactly as it was asked for', held(part(443, OURS)), 'serve', true],
    ['beside those of others', held(part(8443, 'http://127.0.0.1:1'), part(443, OURS)), 'serve', true],
    ['as a Funnel', held(part(443, OURS, true)), 'funnel', true],
    ['not when it leads elsewhere', held(part(443, 'http://127.0.0.1:41235')), 'serve', false],
    ['not in the background', part(443, OURS), 'serve', false],
    ['not at another port', held(part(8443, OURS)), 'serve', false],
    ['not when it is opened further than that', held(part(443, OURS, true)), 'serve', false],
    [
      'not when somebody else opened the host',
      { ...held(part(443, OURS)), AllowFunnel: { [`${HOST}:443`]: true } },
      'serve',
      false,
    ],
    ['not by plain HTTP', held({ ...part(443, OURS), TCP: { 443: { HTTP: true } } }), 'serve', false],
    [
      'not when somebody else holds the port too',
      { ...part(443, 'http://127.0.0.1:1'), ...held(part(443, OURS)) },
      'serve',
      false,
    ],
    ['not when it is opened less far', held(part(443, OURS)), 'funnel', false],
  ] as const)('%s', (_name, json, mode, isOurs) => {
    expect(isClaimed(parseServeConfig(json), claimed(mode))).toBe(isOurs);
  });
});

it('counts the routes of others', () => {
  const background = {
    ...part(8443, 'http://127.0.0.1:3000'),
    TCP: { 8443: { HTTPS: true }, 22: { TCPForward: 'x:22' } },
  };
  expect(otherRoutes(parseServeConfig({ ...background, ...held(part(443, OURS)) }), OURS)).toBe(2);
});
