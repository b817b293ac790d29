/** The effective configuration for one host, keys in lower case. */
export interface SshConfig {
  /** False when there is no `ssh` program: then it is what our own reader makes of the files, without any defaults. */
  readonly found: boolean;
  /** Keys and values in their order. */
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** What only `ssh` could have told to count or not. */
  readonly passedOver: readonly PassedOver[];
  first(key: string): string | undefined;
  all(key: string): readonly string[];
  /** One value that lists several paths. */
  paths(key: string): readonly string[];
}

/** An option of a block that may or may not be about this host. */
export interface PassedOver {
  /** In lower case. */
  readonly key: string;
  /** Such as `Match exec`. */
  readonly criterion: string;
}

/** @see `ssh -G`: one `key value` per line, keys in lower case, repeated keys for several values. */
export function parseSshConfig(output: string): SshConfig {
  const entries = output.split(/\r?\n/).flatMap((line) => {
    const space = line.indexOf(' ');
    return space === -1 ? [] : [[line.slice(0, space).toLowerCase(), line.slice(space + 1).trim()] as const];
  });
  return createSshConfig(entries, { found: true, passedOver: [] });
}

export function createSshConfig(
  entries: SshConfig['entries'],
  origin: Pick<SshConfig, 'found' | 'passedOver'>,
): SshConfig {
  const all = (key: string) =>
    entries.filter(([name, value]) => name === key && value !== '').map(([, value]) => value);
  return {
    ...origin,
    entries,
    all,
    first: (key) => all(key)[0],
    // `ssh` prints them without quotes, so only what begins like a path begins a new one. Ours come one by one.
    paths: (key) => (origin.found ? all(key).flatMap((value) => value.split(/\s+(?=[/~]|[A-Za-z]:[/\\])/)) : all(key)),
  };
}
