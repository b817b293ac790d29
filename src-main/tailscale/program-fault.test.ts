import { expect, it } from 'vitest';

import { programFault } from './program-fault.ts';

// Words of version 1.102.3 and, where they differ, of older ones and other systems.
it.each([
  [
    'failed to connect to local tailscaled; it doesn’t appear to be running (sudo systemctl start tailscaled ?)',
    'not-answering',
  ],
  ['failed to connect to local Tailscale service; is Tailscale running?', 'not-answering'],
  [
    'error getting serve config: Failed to connect to local Tailscale daemon for /localapi/v0/serve-config; not running? Error: dial unix',
    'not-answering',
  ],
  ['Got error: 503 Service Unavailable: no backend', 'not-answering'],
  [String.raw`401 Unauthorized: Tailscale already in use by DOM\bob, pid 7`, 'used-by-another'],
  ['Logged out.\nLog in at: https://login.tailscale.com/a/1', 'signed-out'],
  ['Machine is not yet approved by tailnet admin.', 'needs-approval'],
  ['Tailscale is stopped.', 'stopped'],
  ['unexpected state: NoState', 'starting'],
  ['panic: runtime error: invalid memory address or nil pointer dereference', 'starting'],
  ['sending serve config: updating config: listener already exists for port 443', 'port-taken'],
  ['background configuration already exists, use `tailscale serve --https=443 off`', 'port-taken'],
  ['sending serve config: Access denied: serve config denied\n\nUse ‘sudo tailscale serve …’.', 'not-permitted'],
  ['sending serve config: updating config: Unable to turn on Funnel while shields-up is enabled', 'shields-up'],
  [
    'Serve is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/serve?node=n1',
    'no-https',
  ],
  ['To enable, visit: https://login.tailscale.com/f/funnel?node=n1', 'no-funnel'],
  ['Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.', 'no-https'],
  ['Funnel not available; "funnel" node attribute not set. See https://tailscale.com/s/no-funnel.', 'no-funnel'],
  ['sending serve config: Preconditions failed: etag mismatch', 'claim-failed'],
])('“%s” is told as %s', (said, code) => {
  expect(programFault(said, 443)?.code).toBe(`tailscale/${code}`);
});

it('keeps the address at which a person signs in, or allows it', () => {
  expect(programFault('Logged out.\nLog in at: https://login.tailscale.com/a/1')?.params).toEqual({
    url: 'https://login.tailscale.com/a/1',
  });
  expect(programFault('visit https://login.tailscale.com/f/funnel?node=n1 now')?.params).toEqual({
    url: 'https://login.tailscale.com/f/funnel?node=n1',
  });
});

it('says nothing of nothing, nor of a mere difference of versions', () => {
  expect(programFault('')).toBeUndefined();
  expect(programFault('Warning: client version "1.102.2" != tailscaled server version "1.98.10"\n')).toBeUndefined();
});

it('keeps what it does not know, in one short line without what a terminal would act on', () => {
  const info = programFault(`\u001B[31modd\u001B[0m\nwords\u202E ${'x'.repeat(500)}.`);
  const { words } = (info as { readonly params: { readonly words: string } }).params;
  expect(words).toMatch(/^ ?\[31modd \[0m words x+$/);
  expect(words.length).toBeLessThanOrEqual(300);
});
