import { describe, expect, it } from 'vitest';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { checkForm, fieldOf, type FormValues } from './gateway-form.ts';

const typed = (part: Partial<FormValues>): FormValues => ({
  name: 'Studio',
  target: 'studio',
  remotePort: '18789',
  identityFile: '',
  engine: 'built-in',
  url: 'wss://home:443',
  trustedNetwork: '',
  token: '',
  ...part,
});

describe('what was typed', () => {
  it('becomes a gateway over SSH, without what was left empty', () => {
    expect(checkForm('ssh', typed({}))).toEqual({
      ok: true,
      gateway: { kind: 'ssh', name: 'Studio', target: 'studio', remotePort: 18_789 },
      token: undefined,
    });
  });

  it('names the engine only where it is not our own', () => {
    expect(checkForm('ssh', typed({ engine: 'system-ssh' }))).toMatchObject({ gateway: { engine: 'system-ssh' } });
  });

  it('becomes a gateway at an address, with its token apart', () => {
    expect(checkForm('direct', typed({ target: '', remotePort: '', token: 's3cret' }))).toEqual({
      ok: true,
      gateway: { kind: 'direct', name: 'Studio', url: 'wss://home:443' },
      token: 's3cret',
    });
  });

  it('goes unencrypted only where the network is trusted', () => {
    const url = 'ws://192.168.1.20:18789';
    expect(checkForm('direct', typed({ url, trustedNetwork: 'yes' }))).toMatchObject({
      ok: true,
      gateway: { kind: 'direct', name: 'Studio', url, trustedNetwork: true },
    });
  });

  it.each<['ssh' | 'direct', Partial<FormValues>, string]>([
    ['ssh', { name: '' }, 'name'],
    ['ssh', { name: 'x'.repeat(61) }, 'name'],
    ['ssh', { target: '' }, 'target'],
    ['ssh', { target: '-oProxyCommand=x' }, 'target'],
    ['ssh', { target: 'studio -p 22' }, 'target'],
    ['ssh', { remotePort: '0' }, 'remotePort'],
    ['ssh', { remotePort: '65536' }, 'remotePort'],
    ['ssh', { remotePort: '1e3' }, 'remotePort'],
    ['direct', { url: '' }, 'url'],
    ['direct', { url: 'home:18789' }, 'url'],
    ['direct', { url: 'file:///etc/passwd' }, 'url'],
    ['direct', { url: 'ws://192.168.1.20:18789' }, 'url'],
    ['direct', { url: 'ws://127.0.0.1.evil.example' }, 'url'],
    ['direct', { url: 'wss://ada:s3cret@home' }, 'url'],
    ['direct', { url: 'wss://home/?token=s3cret' }, 'url'],
    ['direct', { url: 'wss://home/#token=s3cret' }, 'url'],
  ])('is refused for %s with %j beside %s', (kind, part, field) => {
    const checked = checkForm(kind, typed(part));
    expect(checked.ok ? [] : Object.keys(checked.problems)).toEqual([field]);
  });

  it.each(['ws://127.0.0.1:18789', 'ws://localhost:1', 'ws://[::1]:18789', 'http://127.0.0.1:1', 'https://home'])(
    'may be the address %s',
    (url) => expect(checkForm('direct', typed({ url })).ok).toBe(true),
  );
});

const invalid = (problem: string): ErrorInfo => ({
  code: 'app/input-invalid',
  params: { call: 'gateway.add', problem },
});

it.each<[ErrorInfo, string]>([
  [invalid('The name “Studio” is taken'), 'name'],
  [invalid('target: A target is needed'), 'target'],
  [invalid('The address must begin with wss:// or ws://'), 'url'],
  [{ code: 'gateway/insecure-url', params: { url: 'ws://x' } }, 'url'],
  [{ code: 'app/unexpected', params: { summary: 'Error' } }, 'name'],
])('%j stands beside %s', (error, field) => expect(fieldOf(error, 'direct')).toBe(field));
