import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

import { toErrorInfo } from '../../contract/errors.ts';
import type { Files, ProgramRunner } from '../../platform/ports.ts';
import { nullLogger } from '../../platform/testing/null-logger.ts';
import { describeHost, type Machine } from '../resolve-host.ts';
import type { SshConfig } from '../ssh-config.ts';
import { noPrograms, realFiles, realRunner } from './real-ports.ts';

/** Contents by path below a folder that is made for them; `{dir}` in them stands for that folder. */
export type ConfigTree = Readonly<Record<string, string>>;

/** The same question, answered by the real `ssh -G` and by our own reader. */
export interface Answers {
  readonly ssh: unknown;
  readonly own: unknown;
}

const OPTIONS = `hostname port user addressfamily proxyjump proxycommand bindaddress bindinterface hostkeyalias
  canonicalizehostname hashknownhosts revokedhostkeys knownhostscommand verifyhostkeydns stricthostkeychecking
  identityfile certificatefile identitiesonly preferredauthentications pubkeyauthentication passwordauthentication
  kbdinteractiveauthentication hostbasedauthentication batchmode pkcs11provider securitykeyprovider`.split(/\s+/);

/** What `ssh` says by itself, and our reader leaves to whoever asks. */
const DEFAULTS: Readonly<Record<string, string>> = {
  port: '22',
  user: userInfo().username,
  addressfamily: 'any',
  canonicalizehostname: 'false',
  hashknownhosts: 'no',
  verifyhostkeydns: 'false',
  stricthostkeychecking: 'ask',
  identitiesonly: 'no',
  pubkeyauthentication: 'true',
  passwordauthentication: 'yes',
  kbdinteractiveauthentication: 'yes',
  hostbasedauthentication: 'no',
  batchmode: 'no',
  securitykeyprovider: 'internal',
};

// Each side has defaults of its own for these.
const LAST_LINES = 'Host *\nIdentityFile /last\nUserKnownHostsFile /kh\nGlobalKnownHostsFile /gkh\n';

export class ConfigJudge {
  readonly dir = mkdtempSync(join(tmpdir(), 'gangway-judge-'));
  readonly #machine: Machine = {
    homeDir: userInfo().homedir,
    userName: userInfo().username,
    agentSocket: '/run/agent',
    platform: process.platform,
    env: process.env,
  };

  /** With `config` of the tree as the chosen file. */
  async ask(target: string, tree: ConfigTree): Promise<Answers> {
    this.#write(tree);
    writeFileSync(join(this.dir, 'config'), `${this.#filled(tree['config'])}\n${LAST_LINES}`);
    const options = { target, sshConfigFile: join(this.dir, 'config') };
    return {
      ssh: await this.#answer(options, realRunner, realFiles),
      own: await this.#answer(options, noPrograms, realFiles),
    };
  }

  /**
   * With the tree's `home` in the place of the home folder, and its `etc` in that of `/etc/ssh`. Needs a private system:
   * see `whyNoPrivateSystem`.
   */
  async askInPlace(target: string, tree: ConfigTree): Promise<Answers> {
    this.#write(tree);
    writeFileSync(join(this.dir, 'etc', 'ssh_config'), `${this.#filled(tree['etc/ssh_config'])}\n${LAST_LINES}`);
    const places = [
      [this.#machine.homeDir, join(this.dir, 'home')],
      ['/etc/ssh', join(this.dir, 'etc')],
    ] as const;
    const binds = places.map(([place, folder]) => `mount --bind '${folder}' '${place}'`);
    const inPlace: ProgramRunner = {
      run: (file, args, limits) =>
        realRunner.run(
          'unshare',
          ['--mount', 'sh', '-c', [...binds, 'exec "$0" "$@"'].join(' && '), file, ...args],
          limits,
        ),
    };
    const moved = (path: string) => {
      const [place, folder] = places.find(([each]) => path.startsWith(`${each}/`)) ?? ['', ''];
      return `${folder}${path.slice(place.length)}`;
    };
    const files: Files = {
      ...realFiles,
      read: (path) => realFiles.read(moved(path)),
      list: (path) => realFiles.list(moved(path)),
    };
    const options = { target, sshConfigFile: undefined };
    return {
      ssh: await this.#answer(options, inPlace, realFiles),
      own: await this.#answer(options, noPrograms, files),
    };
  }

  close(): void {
    rmSync(this.dir, { recursive: true });
  }

  #write(tree: ConfigTree): void {
    rmSync(this.dir, { recursive: true });
    for (const folder of ['home', 'etc']) mkdirSync(join(this.dir, folder), { recursive: true });
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(this.dir, path)), { recursive: true });
      writeFileSync(join(this.dir, path), this.#filled(text));
    }
  }

  #filled(text = ''): string {
    return text.replaceAll('{dir}', this.dir);
  }

  async #answer(
    options: { readonly target: string; readonly sshConfigFile: string | undefined },
    runner: ProgramRunner,
    files: Files,
  ): Promise<unknown> {
    const chosen = { ...options, identityFile: undefined, knownHostsFile: undefined };
    try {
      const { host, config } = await describeHost(chosen, { files, runner, log: nullLogger, machine: this.#machine });
      const { passedOver } = config;
      return trimmed({ host: { ...host, jumps: host.jumps.map(plain) }, passedOver, ...optionsOf(config) });
    } catch (error) {
      return toErrorInfo(error).code;
    }
  }
}

function optionsOf(config: SshConfig): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    OPTIONS.map((key) => {
      const usual = DEFAULTS[key];
      const said = config.all(key);
      return [key, said.length > 0 || usual === undefined ? said.map(plain) : [usual]];
    }),
  );
}

/** Spaces at the end of a value cannot be told in the output of `ssh -G`. */
function trimmed(answer: object): unknown {
  const trim = (_key: string, value: unknown) => (typeof value === 'string' ? value.trimEnd() : value);
  return JSON.parse(JSON.stringify(answer, trim));
}

/** `ssh -G` puts an address in brackets, and takes the scheme away. */
function plain(value: string): string {
  return value.replaceAll(/\[([\d.]+)\]|ssh:\/\//g, '$1');
}
