import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { settle } from '../platform/testing/fake-clock.ts';
import { FakeClock } from '../platform/testing/fake-clock.ts';
import { collectCredentials } from './credentials.ts';
import { readIdentityFile } from './identity-file.ts';
import type { ResolvedHost } from './resolve-host.ts';
import { listAgentKeys } from './ssh-agent.ts';
import { generateKey } from './testing/private-sshd.ts';
import { startAgent, type RealAgent } from './testing/real-agent.ts';
import { realClock, realFiles } from './testing/real-ports.ts';
import { until } from './testing/until.ts';

let dir: string;
let agent: RealAgent;
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-keys-'));
  for (let number = 1; number <= 6; number += 1) generateKey(at(`key${number}`), '-C', `key ${number}`);
  agent = await startAgent(at('agent'));
});
afterAll(async () => {
  await agent.stop();
  rmSync(dir, { recursive: true });
});

function host(changes: Partial<ResolvedHost>): ResolvedHost {
  return {
    name: 'studio',
    host: 'studio',
    port: 22,
    user: 'ann',
    hostKeyAlias: undefined,
    jumps: [],
    userKnownHosts: ['/nonexistent'],
    systemKnownHosts: [],
    identityFiles: [],
    identityChosen: false,
    identitiesOnly: false,
    agentSocket: at('agent'),
    acceptsNewHostKey: false,
    leftOut: [],
    ...changes,
  };
}

async function offered(changes: Partial<ResolvedHost>): Promise<readonly string[]> {
  const machine = { agentSocket: at('agent'), platform: 'linux', userName: 'ann' } as const;
  const deps = { files: realFiles, clock: realClock, machine };
  const { offers } = await collectCredentials(host(changes), deps, new AbortController().signal);
  return offers.map((offer) => offer.name);
}

const failureOf = (changes: Partial<ResolvedHost>) => offered(changes).catch(toErrorInfo);

describe('what is offered', () => {
  beforeAll(() => {
    agent.empty();
    agent.add(at('key1'), at('key2'), at('key3'));
  });

  it('is the agent first and then the key files, each key once', async () => {
    expect(await offered({ identityFiles: [at('none'), at('key4'), at('key2')] })).toEqual([
      'agent key key 1',
      'agent key key 3',
      'key4',
      'key2',
    ]);
  });

  it('is the chosen key before the agent', async () => {
    expect(await offered({ identityFiles: [at('key4')], identityChosen: true })).toEqual([
      'key4',
      'agent key key 1',
      'agent key key 2',
      'agent key key 3',
    ]);
  });

  it('is only what the configuration lists, when it says so', async () => {
    const identityFiles = [at('key2.pub'), at('key5')];
    expect(await offered({ identityFiles, identitiesOnly: true })).toEqual(['agent key key 2', 'key5']);
  });

  it('is five keys at most, with a place for a key file', async () => {
    agent.add(at('key4'), at('key5'));
    expect(await offered({ identityFiles: [at('key6')] })).toEqual([
      'agent key key 1',
      'agent key key 2',
      'agent key key 3',
      'agent key key 4',
      'key6',
    ]);
    expect(await offered({})).toHaveLength(5);
  });
});

describe('a chosen key file', () => {
  beforeAll(() => {
    agent.empty();
    generateKey(at('locked'), '-N', 'secret', '-C', 'locked');
    writeFileSync(at('garbage'), 'not a key');
  });

  it.each([
    ['none', 'it does not exist'],
    ['garbage', 'it is not a private key of a kind Gangway can read'],
    ['key1.pub', 'it is a public key whose private half is not in your SSH agent'],
  ])('%s cannot be used', async (name, problem) => {
    expect(await failureOf({ identityFiles: [at(name)], identityChosen: true })).toEqual({
      code: 'ssh/identity-unreadable',
      params: { file: at(name), problem },
    });
  });

  it('is skipped quietly when nobody chose it', async () => {
    expect(await offered({ identityFiles: [at('none'), at('garbage')] })).toEqual([]);
  });

  it('with a passphrase is offered by its public half', async () => {
    expect(await offered({ identityFiles: [at('locked')], identityChosen: true })).toEqual(['locked']);
  });

  it('with a passphrase is used through the agent when that holds it', async () => {
    // An unlocked copy with the same comment, as `ssh-add` would leave in the agent after asking.
    execFileSync('cp', [at('locked'), at('unlocked')]);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'secret', '-N', '', '-f', at('unlocked')], { stdio: 'ignore' });
    agent.add(at('unlocked'));
    expect(await offered({ identityFiles: [at('locked')], identityChosen: true })).toEqual(['agent key locked']);
  });
});

describe('a private key', () => {
  const pem = (type: 'pkcs8' | 'pkcs1' | 'sec1') => ({ type, format: 'pem' }) as const;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

  it.each([
    ['RSA in PKCS#8', rsa.export(pem('pkcs8')), 'ssh-rsa'],
    ['RSA in PKCS#1', rsa.export(pem('pkcs1')), 'ssh-rsa'],
    ['ECDSA in PKCS#8', ec.export(pem('pkcs8')), 'ecdsa-sha2-nistp256'],
    ['ECDSA in SEC 1', ec.export(pem('sec1')), 'ecdsa-sha2-nistp256'],
  ])('%s is read', async (_what, text, type) => {
    writeFileSync(at('pem'), text);
    expect(await readIdentityFile(at('pem'), realFiles)).toMatchObject({ kind: 'private', key: { type } });
  });

  it('that is encrypted in PKCS#8 is recognised as such', async () => {
    writeFileSync(at('pem'), rsa.export({ ...pem('pkcs8'), cipher: 'aes-256-cbc', passphrase: 'secret' }));
    expect(await readIdentityFile(at('pem'), realFiles)).toMatchObject({ kind: 'locked', publicBlob: undefined });
  });
});

describe('the agent', () => {
  const { signal } = new AbortController();

  it('may be absent or gone', async () => {
    expect(await listAgentKeys([], realClock, signal)).toEqual({ status: 'absent' });
    expect(await listAgentKeys([at('nobody')], realClock, signal)).toEqual({ status: 'unreachable' });
  });

  it('is the first of several that holds a key', async () => {
    agent.empty();
    const emptyOne = await listAgentKeys([at('nobody'), at('agent')], realClock, signal);
    expect(emptyOne).toEqual({ status: 'answered', path: at('agent'), keys: [] });
    const second = await startAgent(at('second'), [at('key1')]);
    const places = [at('nobody'), at('agent'), at('second')];
    expect(await listAgentKeys(places, realClock, signal)).toMatchObject({ path: at('second'), keys: [{}] });
    await second.stop();
  });

  it('is given up when it does not answer, and nothing is left open', async () => {
    let connections = 0;
    let closed = 0;
    const silent = createServer((socket) => {
      connections += 1;
      socket.on('error', () => {}).on('close', () => (closed += 1));
      socket.resume();
    });
    await new Promise<void>((resolve) => silent.listen(at('silent'), resolve));
    const clock = new FakeClock();
    const listing = listAgentKeys([at('silent')], clock, signal);
    await until('a question', () => connections === 1);
    await settle();
    await clock.advance(5_000);
    expect(await listing).toEqual({ status: 'unreachable' });
    await until('the end of the connection', () => closed === 1);
    await new Promise((resolve) => silent.close(resolve));
  });
});
