import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { describeError, toErrorInfo, type ErrorInfo } from '../../contract/errors.ts';
import type { LogFields } from '../../platform/ports.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { resolveHost } from '../resolve-host.ts';
import { noPrograms, realFiles } from '../testing/real-ports.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gangway-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

let warnings: (LogFields | undefined)[] = [];
beforeEach(() => {
  warnings = [];
});
const log = { ...nullLogger, warn: (_message: string, fields?: LogFields) => void warnings.push(fields) };

/** Without an `ssh` to ask. `more` is a file to include. */
function resolve(config: string, more = '') {
  const file = join(dir, 'config');
  writeFileSync(file, config.replaceAll('{dir}', dir));
  writeFileSync(join(dir, 'more'), more);
  const options = { target: 'studio', identityFile: undefined, knownHostsFile: undefined, sshConfigFile: file };
  const machine = { homeDir: '/home/ann', userName: 'ann', agentSocket: undefined, platform: process.platform };
  return resolveHost(options, { files: realFiles, runner: noPrograms, log, machine });
}

const leftOut = async (config: string, more?: string) => (await resolve(config, more)).leftOut;
const refused = (option: string) => ({ code: 'ssh/option-unsupported', params: { host: 'studio', option } });

describe('a block that only ssh could decide about', () => {
  it.each(['HostName a', 'Port 3', 'User bob', 'ProxyJump gate', 'ProxyCommand nc %h', 'BindAddress ::1'])(
    'is refused where it could lead another way: %s',
    async (line) => {
      const config = `Match exec "touch {dir}/ran"\n ${line}\n`;
      expect(await resolve(config).catch(toErrorInfo)).toMatchObject(refused(`${line.split(' ')[0]} under Match exec`));
      expect(existsSync(join(dir, 'ran'))).toBe(false);
    },
  );

  it('is explained', async () => {
    const cause = await resolve('Match exec true\n HostName a\n').catch(toErrorInfo);
    expect(describeError(cause as ErrorInfo)).toMatchObject({
      title: "HostName under Match exec needs the system's ssh",
      next: 'Install the OpenSSH client: only “ssh” can tell whether this is meant for the host.',
    });
  });

  it.each([
    'localnetwork 10.0.0.0/8',
    'tagged x',
    'version *',
    'sessiontype shell',
    'command ""',
    'novelty="x y"',
    'constructor x',
  ])('is one for the sake of “%s”, too', async (criterion) => {
    const [name = ''] = criterion.split(/[ =]/);
    const config = `Match host studio !${criterion} user *\n User bob\n`;
    expect(await resolve(config).catch(toErrorInfo)).toMatchObject(refused(`User under Match ${name}`));
  });

  it.each<[string, string]>([
    ['IdentityFile /a', 'sign-in'],
    ['IdentityAgent none', 'sign-in'],
    ['PasswordAuthentication no', 'sign-in'],
    ['CertificateFile /a', 'sign-in'],
    ['UserKnownHostsFile /a', 'host-key'],
    ['HostKeyAlias a', 'host-key'],
  ])('is remembered where it could have helped: %s', async (line, helps) => {
    const option = `${line.split(' ')[0]} under Match exec`;
    expect(await leftOut(`Match exec true\n ${line}\n`)).toEqual([{ option, for: helps }]);
  });

  it('counts with the blocks of a file that is included in it', async () => {
    const config = 'Match exec true\n Include {dir}/more\n';
    expect(await leftOut(config, 'Host garage\n User bob\nHost studio\n IdentityFile /a\n')).toEqual([
      { option: 'IdentityFile under Match exec', for: 'sign-in' },
    ]);
  });

  it.each([
    ['another criterion says no', 'Match exec true host garage\n HostName a\nMatch !user ann exec true\n Port 3\n'],
    ['what it sets is settled above', 'HostName a\nMatch exec true\n HostName b\n'],
    ['a line to a gateway does not need it', 'Match exec true\n ForwardAgent yes\n HashKnownHosts yes\n Tag x\n'],
    ['the next block begins', 'Match exec true\nHost *\n HostName a\n'],
    ['keys are checked strictly anyway', 'Match exec true\n StrictHostKeyChecking no\n'],
  ])('does not matter where %s', async (_why, config) => {
    expect(await leftOut(config)).toEqual([]);
  });

  it('matters for its strictness where new host keys are taken without asking', async () => {
    const config = 'Match exec true\n StrictHostKeyChecking yes\nHost *\n StrictHostKeyChecking accept-new\n';
    expect(await resolve(config).catch(toErrorInfo)).toMatchObject(refused('StrictHostKeyChecking under Match exec'));
  });
});

it.each(['yes', 'always', 'TRUE'])('refuses CanonicalizeHostname %s, as it asks no name server', async (value) => {
  expect(await resolve(`CanonicalizeHostname ${value}\n`).catch(toErrorInfo)).toMatchObject(
    refused('CanonicalizeHostname'),
  );
});

it('takes CanonicalizeHostname no for what it is', async () => {
  expect(await resolve('CanonicalizeHostname no\nCanonicalDomains lan\n')).toMatchObject({ host: 'studio' });
});

it('says how ProxyCommand could be followed where there is no ssh', async () => {
  expect(await resolve('ProxyCommand nc %h %p\n').catch(toErrorInfo)).toMatchObject({
    params: {
      option: 'ProxyCommand',
      instead: 'Install the OpenSSH client and use it for this gateway: there is no “ssh” here.',
    },
  });
});

it('passes over an unknown option alone, and writes it down once', async () => {
  const config = 'IgnoreUnknown UseK*\nUseKeychain yes\nHostNmae "x\nCiphers a\nMatch final\n User bob\n';
  expect(await resolve(config)).toMatchObject({ user: 'bob' });
  expect(warnings).toEqual([{ file: join(dir, 'config'), line: 3, keyword: 'hostnmae' }]);
});

it.each(['%h', '${HOME}'])('does not guess which user %s is', async (user) => {
  expect(await resolve(`User ${user}\n`).catch(toErrorInfo)).toMatchObject({ code: 'ssh/config-unreadable' });
  expect(await resolve(`Host garage\n User ${user}\nHost *\n User bob\n`)).toMatchObject({ user: 'bob' });
});

it.each([
  ['%d/conf', 'only ssh can tell what “%” means in “%d/conf”'],
  ['${ABSENT}/conf', '“ABSENT” is not set in the environment'],
  ['~bob/conf', 'only ssh can tell where “~bob/conf” is'],
])('does not guess what is included by %s', async (path, problem) => {
  expect(await resolve(`\nInclude ${path}\n`).catch(toErrorInfo)).toEqual({
    code: 'ssh/config-unreadable',
    params: { file: join(dir, 'config'), problem: `line 2: ${problem}` },
  });
});
