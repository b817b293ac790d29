import { execFileSync } from 'node:child_process';

import { expect, it } from 'vitest';

import { toErrorInfo } from '../../contract/errors.ts';
import { parseSshConfig } from '../ssh-config.ts';
import { forwardWords, sshArguments, type SshArguments } from './ssh-arguments.ts';

const plain: SshArguments = {
  target: 'studio',
  identityFile: undefined,
  knownHostsFiles: [],
  configFile: 'none',
  hostKeys: 'strict',
  forwards: ['./f0:127.0.0.1:18789'],
  connectTimeoutMs: 10_000,
};

/** What `ssh` itself makes of the words. */
function understood(changes: Partial<SshArguments>): Readonly<Record<string, string>> {
  const output = execFileSync('ssh', ['-G', ...sshArguments({ ...plain, ...changes })], { encoding: 'utf8' });
  return Object.fromEntries(parseSshConfig(output).entries);
}

it('is understood by ssh as it is meant', () => {
  expect(understood({ target: 'ann@studio:2222' })).toMatchObject({
    hostname: 'studio',
    user: 'ann',
    port: '2222',
    batchmode: 'yes',
    stricthostkeychecking: 'true',
    exitonforwardfailure: 'yes',
    permitlocalcommand: 'no',
    controlmaster: 'false',
    forwardagent: 'no',
    sessiontype: 'none',
    requesttty: 'false',
    loglevel: 'VERBOSE',
    connecttimeout: '10',
    localforward: './f0 [127.0.0.1]:18789',
  });
  expect(understood({ hostKeys: 'accept-new' })['stricthostkeychecking']).toBe('accept-new');
});

it.each(['/keys of ann/known_hosts', '/100%/known"hosts', '/back\\slash'])('gives the file %j as it is', (file) => {
  expect(understood({ knownHostsFiles: [file] })['userknownhostsfile']).toBe(file);
});

it('offers a chosen key alone', () => {
  const identityFile = import.meta.filename;
  expect(understood({ identityFile })).toMatchObject({
    identityfile: identityFile,
    identitiesonly: 'yes',
  });
});

it.each(['-oProxyCommand=id', 'a b', '$(id)', ''])('never hands over the target %j', (target) => {
  let cause: unknown;
  try {
    sshArguments({ ...plain, target });
  } catch (error) {
    cause = error;
  }
  expect(toErrorInfo(cause).code).toBe('ssh/target-invalid');
});

it('writes a forward as -L takes it', () => {
  expect(forwardWords('./f0', { host: '127.0.0.1', port: 1 })).toBe('./f0:127.0.0.1:1');
  expect(forwardWords('127.0.0.1:4000', { host: '::1', port: 1 })).toBe('127.0.0.1:4000:[::1]:1');
});
