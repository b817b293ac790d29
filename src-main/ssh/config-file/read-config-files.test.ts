import { spawnSync } from 'node:child_process';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ConfigJudge, type ConfigTree } from '../testing/config-judge.ts';
import { whyNoPrivateSystem } from '../testing/private-sshd.ts';

const noSsh = spawnSync('ssh', ['-V']).error === undefined ? undefined : 'there is no program ssh';
if (noSsh !== undefined) console.warn(`our reader of ssh_config is not judged by the real ssh: ${noSsh}`);
const notInPlace = noSsh ?? whyNoPrivateSystem();
if (notInPlace !== undefined) console.warn(`the places of the configuration files are not tested: ${notInPlace}`);

let judge: ConfigJudge;
beforeEach(() => {
  judge = new ConfigJudge();
});
afterEach(() => judge.close());

const one = (config: string): ConfigTree => ({ config });
const FILES_17 = Object.fromEntries(
  Array.from({ length: 17 }, (_, at) => [`deep${at}`, `Include {dir}/deep${at + 1}\nIdentityFile /${at}\n`]),
);

describe.skipIf(noSsh !== undefined)('reads like the real ssh', () => {
  it.each<[about: string, target: string, tree: ConfigTree]>([
    ['nothing', 'studio', one('')],
    ['a block for the host', 'studio', one('Host studio\n HostName 10.0.0.7\n Port 2222\n User bob\n')],
    ['a block for another host', 'studio', one('Host garage\n HostName 10.0.0.7\n')],
    ['lines above all blocks', 'studio', one('User ann\nHost studio\n User bob\n')],
    ['the first value', 'studio', one('Host st*\n User a\nHost studio\n User b\n Port 1\nHost *\n User c\n Port 2\n')],
    ['what the target says', 'eve@studio:77', one('Host studio\n Port 2222\n User bob\n')],
    ['wildcards', 'web7', one('Host web? *.lan\n User a\nHost w*b7\n Port 3\nHost web??\n BatchMode yes\n')],
    ['a negated pattern', 'studio', one('Host * !studio\n User a\nHost !garage *\n Port 3\nHost !garage\n Port 4\n')],
    ['a pattern list, which is none for Host', 'studio', one('Host studio,garage\n User a\n')],
    ['capitals in Host', 'Studio', one('Host studio\n User a\nHost Studio\n Port 3\n')],
    ['capitals in keywords', 'studio', one('hOST studio\n USER a\n pORT 3\n')],
    ['quoted patterns', 'studio', one('Host "garage" "stu dio" "studio"\n User a\n')],
    ['a comment behind patterns', 'studio', one('Host garage # studio\n User a\nHost #studio\n Port 3\n')],
    ['equal signs', 'studio', one('Host=studio\n User=a\n Port = 3\n HostKeyAlias= b\n HostName =c\n')],
    ['odd spaces', 'studio', one('\t Host \t studio  \r\n  User\ta \t\r\n\r\n  # x\r\n Port   3\f\r\n')],
    ['quotes', 'studio', one(`User "a b"\nHostKeyAlias 'c d'\nIdentityFile "/a \\"b\\"/c"\nIdentityFile /a\\ b\n`)],
    ['quotes within words', 'studio', one(`User a"b c"d'e'\nIdentityFile "/a'b"\nIdentityFile C:\\x\\y\n`)],
    ['escapes', 'studio', one(`IdentityFile "a\\ b\\\\c"\nIdentityFile 'a\\'b'\nIdentityFile \\"a\n`)],
    ['a quoted keyword', 'studio', one('"User" a\n')],
    ['a hash within a word', 'studio', one('User a#b #c\nIdentityFile "#d"\n')],
    ['keys that add up', 'studio', one('IdentityFile /a\nHost studio\n IdentityFile ~/.ssh/%h\n IdentityFile /a\n')],
    ['a key that is none', 'studio', one('IdentityFile none\n')],
    ['certificates that add up', 'studio', one('CertificateFile /a\nCertificateFile "/b c"\nCertificateFile /a\n')],
    [
      'older names',
      'studio',
      one('DSAAuthentication no\nSkeyAuthentication no\nIdentityFile2 /a\nSmartcardDevice /p\n'),
    ],
    [
      'switches',
      'studio',
      one('BatchMode Yes\nIdentitiesOnly TRUE\nPasswordAuthentication False\nHashKnownHosts yes\n'),
    ],
    [
      'more switches',
      'studio',
      one('PubkeyAuthentication host-bound\nVerifyHostKeyDNS ask\nHostbasedAuthentication no\n'),
    ],
    ...['yes', 'no', 'off', 'ask', 'ACCEPT-NEW', 'true', 'false'].map((value): [string, string, ConfigTree] => [
      `checking ${value}`,
      'studio',
      one(`StrictHostKeyChecking ${value}\n`),
    ]),
    ['address families', 'studio', one('Host studio\n AddressFamily INET6\nHost *\n AddressFamily inet\n')],
    ['known hosts', 'studio', one('UserKnownHostsFile /a "/b c" ~/d %d/%n-%p\nUserKnownHostsFile /e\n')],
    ['known hosts that are none', 'studio', one('UserKnownHostsFile NONE\nGlobalKnownHostsFile none\n')],
    ['global known hosts', 'studio', one('GlobalKnownHostsFile /a /b\n')],
    ['an alias of the host key', 'studio', one('HostKeyAlias Garage\n')],
    ['agents', 'studio', one('IdentityAgent ~/agents/%n-%r\n')],
    ['an agent of the environment', 'studio', one('IdentityAgent ${HOME}/agent\n')],
    ['an agent by a variable', 'studio', one('IdentityAgent $HOME\n')],
    ['an agent that is none', 'studio', one('IdentityAgent none\n')],
    ['a name made from the name', 'studio', one('HostName %h.lan.%%x\n')],
    ['a token in a name that is not used', 'studio', one('Host garage\n HostName %q\nHost studio\n HostName a\n')],
    ['jumps', 'studio', one('ProxyJump bob@gate:2200,[10.0.0.1]:22,ssh://eve@inner:9 # more\n')],
    ['a jump by its address', 'studio', one('ProxyJump = 10.0.0.1\n')],
    ['no jump', 'studio', one('Host studio\n ProxyJump none\nHost *\n ProxyJump gate\n')],
    ['a command before a jump', 'studio', one('ProxyCommand nc %h %p # "x"\nProxyJump gate\n')],
    ['a jump before a command', 'studio', one('ProxyJump gate\nProxyCommand nc %h %p\n')],
    ['no command before a jump', 'studio', one('ProxyCommand none\nProxyJump gate\n')],
    ['no jump before a command', 'studio', one('ProxyJump none\nProxyCommand  = nc %h\nProxyJump gate\n')],
    ['what is none', 'studio', one('PKCS11Provider None\nSecurityKeyProvider none\nRevokedHostKeys none\n')],
    ['what is set', 'studio', one('PKCS11Provider /p\nRevokedHostKeys /r\nKnownHostsCommand /k %h\nBindAddress ::1\n')],
    ['methods', 'studio', one('PreferredAuthentications publickey,password\nBindInterface wg0\n')],
    ['options that are not ours', 'studio', one('Ciphers aes128-ctr\nForwardAgent yes\nSendEnv LANG LC_*\nUser a\n')],
    [
      'unknown options that are to be ignored',
      'studio',
      one('IgnoreUnknown UseK*,Foo\nUseKeychain yes\nfoo a b\nUser a\n'),
    ],
    ['Match all', 'studio', one('Host garage\n User a\nMatch all\n Port 3\nMatch !all\n User b\n')],
    [
      'Match host, which sees HostName',
      'studio',
      one('HostName Lan.%h\nMatch host lan.*\n User a\nMatch host studio\n Port 3\n'),
    ],
    ['Match originalhost', 'Studio', one('HostName x\nMatch originalhost studio,garage\n User a\n')],
    ['Match user', 'studio', one('Match user bob\n Port 1\nHost studio\n User bob\nMatch user b*,!bert\n Port 3\n')],
    ['capitals in Match user', 'studio', one('User bob\nMatch user BOB\n Port 3\nMatch user bob\n Port 4\n')],
    ['Match localuser', 'studio', one('Match localuser nobody\n Port 1\nMatch localuser *\n Port 3\n')],
    ['negated criteria', 'studio', one('Match !host garage !user eve\n Port 3\nMatch !host studio\n User a\n')],
    ['criteria with equal signs', 'studio', one('Match host=studio user="*"\n Port 3\n')],
    ['several criteria and a comment', 'studio', one('Match host "studio" localuser * # user bob\n Port 3\n')],
    ['all behind one criterion', 'studio', one('Match host garage all\n Port 1\nMatch host studio all\n Port 3\n')],
    [
      'Match final',
      'Studio',
      one('HostName Foo\nHost foo\n User a\nMatch final host foo\n Port 3\nHost Studio\n BatchMode yes\n'),
    ],
    ['Match !final', 'studio', one('Match !final\n Port 1\nMatch final\n Port 2\n User b\nIdentityFile /a\n')],
    ['Match canonical', 'studio', one('Match canonical all\n User a\n')],
    ['Match canonical beside Match final', 'studio', one('Match canonical all\n User a\nMatch final all\n User b\n')],
    [
      'an address and Match final',
      '10.1.2.3',
      one('Host 10.1.*\n HostName 10.9.9.9\nMatch final\nHost 10.9.*\n User z\n'),
    ],
    ['an IPv6 address', 'ann@[FE80::1]:22', one('Host fe80::1\n User a\nMatch host fe80::1\n Port 3\nMatch final\n')],
    ['a file that is included', 'studio', { config: 'Include {dir}/a\nUser b\n', a: 'User a\nPort 3\n' }],
    [
      'several files',
      'studio',
      { config: 'Include {dir}/b {dir}/a {dir}/none\n', a: 'User a\n', b: 'User b\nPort 3\n' },
    ],
    [
      'files by a pattern, in their order',
      'studio',
      {
        config: 'Include {dir}/d/*.conf\n',
        'd/20.conf': 'User b\nPort 3\n',
        'd/10.conf': 'User a\n',
        'd/.5.conf': 'User hidden\n',
        'd/x': 'User x\n',
      },
    ],
    [
      'files by narrower patterns',
      'studio',
      {
        config: 'Include {dir}/?/c[ab].[!x] "{dir}/with space/*"\n',
        'd/ca.y': 'IdentityFile /1\n',
        'e/cb.z': 'IdentityFile /2\n',
        'e/cb.x': 'IdentityFile /3\n',
        'e/cc.y': 'IdentityFile /4\n',
        'with space/a+(b)': 'IdentityFile /5\n',
      },
    ],
    ['a pattern that matches a folder', 'studio', { config: 'Include {dir}/d/*\nUser b\n', 'd/e/f': 'User a\n' }],
    ['blocks that end with their file', 'studio', { config: 'Include {dir}/a\nUser b\n', a: 'Host garage\n User a\n' }],
    [
      'a block that began outside',
      'studio',
      { config: 'Host garage\n Include {dir}/a\nHost *\n User b\n', a: 'User a\n' },
    ],
    [
      'blocks within a block that is not about the host',
      'studio',
      {
        config: 'Host garage\n Include {dir}/a\n Port 1\nMatch all\n User b\n',
        a: 'Host studio\n User a\nMatch all\n Port 2\n',
      },
    ],
    [
      'blocks within a block that is about the host',
      'studio',
      {
        config: 'Host studio\n Include {dir}/a\n Port 1\n',
        a: 'Host garage\n User a\n Port 2\nMatch host studio\n BatchMode yes\n',
      },
    ],
    [
      'Match final within a block of another host',
      'studio',
      { config: 'HostName a\nHost b\n Include {dir}/f\nHost a\n User a\n', f: 'Match final\n' },
    ],
    ['sixteen files deep', 'studio', { config: 'Include {dir}/deep1\n', ...FILES_17, deep16: 'User a\n' }],
    ['seventeen files deep', 'studio', { config: 'Include {dir}/deep0\n', ...FILES_17, deep16: 'User a\n' }],
    ['a file that includes itself', 'studio', { config: 'Host x\nInclude {dir}/a\n', a: 'Include {dir}/a\n' }],
  ])('%s', async (_about, target, tree) => {
    const { own, ssh } = await judge.ask(target, tree);
    expect(own).toEqual(ssh);
  });

  it.each([
    'Port abc',
    'Port 0',
    'Port 65536',
    'Host garage\n Port abc',
    'User',
    'User #a',
    'User ""',
    'User a b',
    'User "a',
    'BatchMode maybe',
    'StrictHostKeyChecking maybe',
    'AddressFamily ipx',
    'HostName %q',
    'HostName a%',
    'Host',
    'Host "" studio',
    'Match',
    'Match # all',
    'Match host',
    'Match all host studio',
    'Match host studio user bob all',
    'Include',
    'Include ""',
    'UserKnownHostsFile /a none',
    'ProxyJump a:b',
    'ProxyJump a, b',
    'ProxyJump #a',
    'ProxyCommand nc "a',
  ])('refuses %j', async (config) => {
    expect(await judge.ask('studio', one(`${config}\n`))).toEqual({
      ssh: 'ssh/config-unreadable',
      own: 'ssh/config-unreadable',
    });
  });

  it('in sixty configurations made by chance', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const tree = byChance(seed);
      const { own, ssh } = await judge.ask(seed % 3 === 0 ? 'bob@web1' : 'web1', tree);
      expect(own, `seed ${seed}: ${JSON.stringify(tree, undefined, 1)}`).toEqual(ssh);
    }
  }, 60_000);

  it('in sixty lines of quotes, escapes, signs and spaces made by chance', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const pick = chooser(seed);
      const text = Array.from({ length: 8 }, () => pick(['a', 'b', '"', '"', "'", '\\', ' ', '\t', '=', '#'])).join('');
      const config = `${pick(['IdentityFile', ' User ', 'HostKeyAlias', 'Host studio', 'Include /none'])}${pick([' x', '=x', ' "x', " 'x", '= "x'])}${text}x\nPort 3\n`;
      const { own, ssh } = await judge.ask('studio', one(config));
      expect(own, `seed ${seed}: ${JSON.stringify(config)}`).toEqual(ssh);
    }
  }, 60_000);
});

it('takes criteria with spaces around the equal sign, as ssh did before OpenSSH 10', async () => {
  const { own } = await judge.ask('studio', one('Match host = studio user =*\n Port 3\n'));
  expect(own).toMatchObject({ port: ['3'] });
});

describe.skipIf(notInPlace !== undefined)('reads where the real ssh reads', () => {
  it.each<[about: string, tree: ConfigTree]>([
    ['nothing where nothing is', {}],
    ["the user's file and then the system's", { 'home/.ssh/config': 'User a\n', 'etc/ssh_config': 'User b\nPort 3\n' }],
    ['the system’s file alone', { 'etc/ssh_config': 'Host studio\n Port 3\n' }],
    [
      'what they include beside themselves',
      {
        'home/.ssh/config': 'Include conf.d/* ~/more\n',
        'home/.ssh/conf.d/a': 'Host studio\n User a\n',
        'home/more': 'Port 3\n',
        'etc/ssh_config': 'Include ssh_config.d/*.conf\n',
        'etc/ssh_config.d/x.conf': 'HostKeyAlias x\n',
      },
    ],
    ['blocks that end with their file', { 'home/.ssh/config': 'Host garage\n', 'etc/ssh_config': 'Port 3\n' }],
    [
      'Match final of one for the other',
      { 'home/.ssh/config': 'HostName a\nHost a\n Port 3\n', 'etc/ssh_config': 'Match final\n User z\n' },
    ],
    ['no home folder for the system’s file', { 'etc/ssh_config': 'Include ~/more\n', 'home/more': 'User a\n' }],
  ])('%s', async (_about, tree) => {
    const { own, ssh } = await judge.askInPlace('studio', tree);
    expect(own).toEqual(ssh);
  });
});

/** Takes now this, now that; the same for the same seed. */
function chooser(seed: number): (stock: readonly string[]) => string {
  let state = seed;
  return (stock) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return stock[Math.floor((state / 2 ** 32) * stock.length)] ?? '';
  };
}

/** A few blocks out of a small stock, so that they meet often. */
function byChance(seed: number): ConfigTree {
  const pick = chooser(seed);
  const lines = (count: number, includes: readonly string[]): string =>
    Array.from({ length: count }, () => `${pick(['', ' ', '\t'])}${pick([...LINES, ...includes, ...BLOCKS])}\n`).join(
      '',
    );
  return {
    config: lines(12, ['Include {dir}/one', 'Include {dir}/d/*']),
    one: lines(5, ['Include {dir}/d/b']),
    'd/a': lines(4, []),
    'd/b': lines(4, []),
  };
}

const BLOCKS = [
  'Host web*',
  'Host web1 # x',
  'Host * !web1',
  'Host "db" lan.*',
  'Host=?eb1',
  'Match all',
  'Match host lan.web1,db',
  'Match host web? user bob',
  'Match !user bob',
  'Match originalhost=web1 localuser *',
  'Match final',
  'Match !final host web1',
  'Match canonical all',
];

const LINES = [
  'HostName lan.%h',
  'HostName "db"',
  'User bob',
  'User eve',
  'Port=3',
  'Port 4 # x',
  'IdentityFile /a',
  'IdentityFile "/b c"',
  'IdentityFile none',
  'ProxyJump none',
  'ProxyJump gate,[10.0.0.1]:3',
  'ProxyCommand none',
  'ProxyCommand nc %h "#"',
  'UserKnownHostsFile /a "/b c"',
  'HostKeyAlias Name',
  'StrictHostKeyChecking accept-new',
  'BatchMode yes',
  'IdentitiesOnly=yes',
  'AddressFamily inet6',
  'ForwardAgent yes',
  '',
  '# Host web1',
];
