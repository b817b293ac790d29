import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';

import { gangwayHome, homePaths } from './home.ts';

describe.runIf(process.platform !== 'win32')('the home folder', () => {
  it.each([
    ['is .gangway in the home of the user', {}, undefined, '/User/me/.gangway'],
    ['has the name of the profile', {}, 'work', '/User/me/.gangway-work'],
    ['is what GANGWAY_HOME says', { GANGWAY_HOME: '/srv/gangway' }, undefined, '/srv/gangway'],
    ['takes a tilde', { GANGWAY_HOME: '~/gw' }, undefined, '/User/me/gw'],
    ['ignores an empty GANGWAY_HOME', { GANGWAY_HOME: '' }, undefined, '/User/me/.gangway'],
    ['drops what is superfluous', { GANGWAY_HOME: '/srv/x/../gangway/' }, undefined, '/srv/gangway'],
  ])('%s', (_name, env, profile, home) => {
    expect(gangwayHome(env, '/User/me', profile)).toBe(home);
  });

  it.each(['', '..', '../x', 'a/b', '-a', 'a b', 'a\0', 'x'.repeat(33)])('refuses the profile name “%s”', (profile) => {
    expect(() => gangwayHome({}, '/User/me', profile)).toThrow('app/input-invalid');
  });
});

describe('the paths in it', () => {
  it('are the documented ones', () => {
    expect(homePaths('/h', 'linux')).toEqual({
      root: '/h',
      settings: '/h/settings.json',
      gatewayConfig: '/h/gateway.json5',
      state: '/h/state',
      logs: '/h/logs',
      controlSocket: '/h/run/control.sock',
      secrets: '/h/secrets',
    });
  });

  it('give a deep home a short socket of its own', () => {
    const [one, other] = ['a', 'b'].map((name) => homePaths(`/${name.repeat(120)}`, 'linux').controlSocket);
    expect(one?.startsWith(tmpdir())).toBe(true);
    expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(100);
    expect(one).not.toBe(other);
    expect(homePaths(`/${'a'.repeat(120)}`, 'linux').controlSocket).toBe(one);
  });

  it('use a named pipe on Windows, the same for each spelling of the home', () => {
    const { controlSocket, settings } = homePaths('C:\\Users\\me\\.gangway', 'win32');
    expect(settings).toBe('C:\\Users\\me\\.gangway\\settings.json');
    expect(controlSocket).toMatch(/^\\\\\.\\pipe\\gangway-[0-9a-f]{16}$/);
    expect(homePaths('c:\\users\\me\\.gangway', 'win32').controlSocket).toBe(controlSocket);
  });
});
