import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { parseSshConfig, type SshConfig } from '../ssh-config.ts';
import { withoutForwards } from './own-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function effective(lines: string): SshConfig {
  const file = join(dir, 'config');
  writeFileSync(file, lines);
  return parseSshConfig(execFileSync('ssh', ['-F', file, '-G', '--', 'studio'], { encoding: 'utf8' }));
}

const RICH = `
Host studio
  HostName 10.0.0.5
  User ann
  Port 2222
  IdentityFile "~/my keys/id_%h"
  IdentityFile ~/.ssh/other
  CertificateFile "~/my keys/id-cert.pub"
  UserKnownHostsFile "~/my hosts" /etc/known
  ProxyCommand nc -X 5 %h %p "two words"
  SetEnv A=1
  SendEnv LANG
  Ciphers +aes128-cbc
  CanonicalizeHostname no
  AddKeysToAgent 1h
  ServerAliveInterval 7
`;
const FORWARDS = 'LocalForward 8080 a:80\nRemoteForward 9090 b:90\nDynamicForward 1080\n';

it('says the same as before, without the forwards', () => {
  const before = effective(RICH);
  const own = withoutForwards(effective(RICH + FORWARDS));
  expect(effective(own ?? '').entries).toEqual(before.entries);
});

it('keeps the zone of an address', () => {
  const zoned = 'Host studio\n  HostName fe80::1%%eth0\n';
  const own = withoutForwards(effective(zoned + FORWARDS));
  expect(effective(own ?? '').entries).toEqual(effective(zoned).entries);
});

it('leaves a configuration without forwards alone', () => {
  expect(withoutForwards(effective(RICH))).toBeUndefined();
});
