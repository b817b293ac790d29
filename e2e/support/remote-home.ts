import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { PrivateSshd } from './private-sshd.ts';

export interface RemoteHome {
  /** What the profile of a login shell exports. */
  readonly env: Readonly<Record<string, string>>;
  /** Programs on the path of a login shell, by their name: the command line that each stands for. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
}

/** Whoever signs in from now on has a home of their own, as on another computer, with a profile and programs in it. */
export async function giveHome(sshd: PrivateSshd, { env, programs }: RemoteHome): Promise<void> {
  const home = join(sshd.folder, 'home');
  const bin = join(home, 'bin');
  await mkdir(bin, { recursive: true });
  const exports = Object.entries({ ...env, PATH: `${bin}:/usr/bin:/bin` });
  const profile = `echo 'Welcome { to the studio }'\n${exports.map(([name, value]) => `export ${name}='${value}'\n`).join('')}`;
  await Promise.all(['.profile', '.zprofile'].map((name) => writeFile(join(home, name), profile)));
  for (const [name, words] of Object.entries(programs)) {
    const file = join(bin, name);
    await writeFile(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    await chmod(file, 0o755);
  }
  await appendFile(join(sshd.folder, 'sshd_config'), `SetEnv HOME=${home}\n`);
  await sshd.restart();
}
