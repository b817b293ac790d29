import type { SshConfig } from '../ssh-config.ts';

/** `ssh` adds these to the forwards it is given, and no option takes them away again. */
const FORWARDS = new Set(['localforward', 'remoteforward', 'dynamicforward']);

/** Of these, a value is one path, which `ssh -G` writes without the quotes that a space in it needs. */
const ONE_PATH = new Set([
  'certificatefile',
  'controlpath',
  'identityagent',
  'identityfile',
  'pkcs11provider',
  'revokedhostkeys',
  'securitykeyprovider',
  'xauthlocation',
]);
const PATHS = new Set(['userknownhostsfile', 'globalknownhostsfile']);

/**
 * The effective configuration, as a file of its own without the forwards; `undefined` when it has none and can be
 * used as it is. What `ssh -G` writes is ssh_config again, but for quotes.
 */
export function withoutForwards(config: SshConfig): string | undefined {
  if (!config.entries.some(([key]) => FORWARDS.has(key))) return undefined;
  const lines = config.entries.filter(([key]) => !FORWARDS.has(key) && key !== 'host').map(toLine(config));
  return `${[...new Set(lines)].join('\n')}\n`;
}

const toLine =
  (config: SshConfig) =>
  ([key, value]: readonly [key: string, value: string]): string => {
    if (PATHS.has(key)) return `${key} ${config.paths(key).map(inQuotes).join(' ')}`;
    // Alone among what `ssh -G` writes it is expanded already, and would be again: the zone of `fe80::1%eth0`.
    if (key === 'hostname') return `${key} ${value.replaceAll('%', '%%')}`;
    return `${key} ${ONE_PATH.has(key) ? inQuotes(value) : value}`;
  };

const inQuotes = (path: string): string => (path.includes(' ') ? `"${path}"` : path);
