import { toErrorInfo } from '../../contract/errors.ts';
import { parseTarget } from '../ssh-target.ts';
import { lineFault, onlyWord, wordsOf, type ConfigLine } from './config-line.ts';

interface Option {
  /** As `ssh -G` prints it. */
  readonly key: string;
  /** As `ssh -G` prints them, but one by one. @throws AppError `ssh/config-unreadable` */
  readonly read: (line: ConfigLine) => readonly string[];
  /** Each line adds to those before it; else only the first counts. */
  readonly adds?: boolean;
  /** `none` says the same as nothing, and only keeps later lines out. */
  readonly noneIsUnset?: boolean;
}

const word = (line: ConfigLine): readonly string[] => [onlyWord(line)];
const YES_NO = { yes: 'yes', true: 'yes', no: 'no', false: 'no' };
const TRUE_FALSE = { yes: 'true', true: 'true', no: 'false', false: 'false' };

/** What a connection to a gateway takes from ssh_config(5), with the older names of OpenSSH's own table. */
const OPTIONS: readonly Option[] = [
  { key: 'hostname', read: word },
  { key: 'port', read: port },
  { key: 'user', read: word },
  { key: 'addressfamily', read: oneOf({ inet: 'inet', inet6: 'inet6', any: 'any' }) },
  { key: 'proxyjump', read: jumps, noneIsUnset: true },
  { key: 'proxycommand', read: command, noneIsUnset: true },
  { key: 'bindaddress', read: word },
  { key: 'bindinterface', read: word },
  { key: 'canonicalizehostname', read: oneOf({ ...TRUE_FALSE, always: 'always' }) },
  { key: 'hostkeyalias', read: (line) => [onlyWord(line).toLowerCase()] },
  { key: 'userknownhostsfile', read: files },
  { key: 'globalknownhostsfile', read: files },
  { key: 'hashknownhosts', read: oneOf(YES_NO) },
  { key: 'revokedhostkeys', read: word, noneIsUnset: true },
  { key: 'knownhostscommand', read: command, noneIsUnset: true },
  { key: 'verifyhostkeydns', read: oneOf({ ...TRUE_FALSE, ask: 'ask' }) },
  {
    key: 'stricthostkeychecking',
    read: oneOf({ ...TRUE_FALSE, off: 'false', ask: 'ask', 'accept-new': 'accept-new' }),
  },
  { key: 'identityfile', read: word, adds: true },
  { key: 'certificatefile', read: word, adds: true },
  { key: 'identityagent', read: word },
  { key: 'identitiesonly', read: oneOf(YES_NO) },
  { key: 'preferredauthentications', read: word },
  {
    key: 'pubkeyauthentication',
    read: oneOf({ ...TRUE_FALSE, unbound: 'unbound', 'host-bound': 'host-bound' }),
  },
  { key: 'passwordauthentication', read: oneOf(YES_NO) },
  { key: 'kbdinteractiveauthentication', read: oneOf(YES_NO) },
  { key: 'hostbasedauthentication', read: oneOf(YES_NO) },
  { key: 'batchmode', read: oneOf(YES_NO) },
  { key: 'ignoreunknown', read: word },
  { key: 'pkcs11provider', read: word, noneIsUnset: true },
  { key: 'securitykeyprovider', read: word, noneIsUnset: true },
];

const OLDER_NAMES: Readonly<Record<string, string>> = {
  identityfile2: 'identityfile',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  smartcarddevice: 'pkcs11provider',
};

const BY_KEY: ReadonlyMap<string, Option> = new Map(OPTIONS.map((option) => [option.key, option]));

/** `undefined` for everything else that ssh_config(5) knows, and for what it does not know. */
export function optionOf(keyword: string): Option | undefined {
  return BY_KEY.get(OLDER_NAMES[keyword] ?? keyword);
}

function oneOf(values: Readonly<Record<string, string>>): Option['read'] {
  return (line) => {
    const given = onlyWord(line);
    const value = new Map(Object.entries(values)).get(given.toLowerCase());
    if (value === undefined) throw lineFault(line, `“${line.keyword}” cannot be “${given}”`);
    return [value];
  };
}

function port(line: ConfigLine): readonly string[] {
  const given = onlyWord(line);
  const number = /^\d+$/.test(given) ? Number(given) : 0;
  if (number < 1 || number > 65_535) throw lineFault(line, `“port” cannot be “${given}”`);
  return [String(number)];
}

/** Several paths, or `none` alone. */
function files(line: ConfigLine): readonly string[] {
  const paths = wordsOf(line).map((path) => (path.toLowerCase() === 'none' ? 'none' : path));
  if (paths.length === 0 || paths.includes('')) throw lineFault(line, `“${line.keyword}” has an empty argument`);
  if (paths.includes('none') && paths.length > 1) throw lineFault(line, '“none” must stand alone');
  return paths;
}

/** A program with its arguments, raw: its quotes are those of a shell. They must be even all the same. */
function command(line: ConfigLine): readonly string[] {
  wordsOf(line);
  const text = line.rest.replace(/^[ \t=]+/, '');
  if (text === '') throw lineFault(line, `“${line.keyword}” has no argument`);
  return [text];
}

function jumps(line: ConfigLine): readonly string[] {
  wordsOf(line);
  const [list = ''] = line.rest.replace(/^[ \t=]+/, '').split(/[ \t#]/);
  for (const hop of list === 'none' ? [] : list.split(',')) {
    try {
      parseTarget(hop.replace(/^ssh:\/\//, ''));
    } catch (error) {
      const info = toErrorInfo(error);
      const why = info.code === 'ssh/target-invalid' ? info.params.problem : 'it cannot be read';
      throw lineFault(line, `“proxyjump” cannot be “${list}”: ${why}`);
    }
  }
  return [list];
}
