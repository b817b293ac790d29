'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Sentence, say } = require('./say.cjs');

/** The release of Debian whose OpenSSH is 10. */
const RELEASE = 'trixie';
const PACKAGES = ['openssh-client', 'openssh-server'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const LOADERS = { x64: 'ld-linux-x86-64.so.2', arm64: 'ld-linux-aarch64.so.1' };

/**
 * A folder with `ssh` and `sshd` of OpenSSH 10, which run on any Linux: Debian's packages with all they need, unpacked
 * into the user's cache and started through their own loader. Nothing is installed. The packages come from the Debian
 * mirror that this computer uses, and apt checks their signatures.
 *
 * @throws Sentence why it cannot be had here
 */
function openssh10() {
  const loader = refuseElsewhere();
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const folder = path.join(cache, 'gangway', `openssh10-${process.arch}`);
  const programs = path.join(folder, 'bin');
  if (!fs.existsSync(path.join(programs, 'sshd'))) {
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    const draft = fs.mkdtempSync(`${folder}-`);
    try {
      unpack(download(draft), path.join(draft, 'root'));
      fs.rmSync(path.join(draft, 'apt'), { recursive: true });
      fs.rmSync(folder, { recursive: true, force: true });
      fs.renameSync(draft, folder);
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
    writePrograms(folder, programs, loader);
  }
  const { stderr } = run(path.join(programs, 'ssh'), ['-V']);
  if (!/^OpenSSH_1\d\./.test(stderr)) throw new Sentence(`${programs} does not hold OpenSSH 10: ${stderr.trim()}`);
  return { programs, version: stderr.split(',')[0] };
}

function refuseElsewhere() {
  if (process.platform !== 'linux') throw new Sentence(`OpenSSH 10 is taken from Debian; this is ${process.platform}.`);
  const loader = LOADERS[process.arch];
  if (loader === undefined) throw new Sentence(`there is no loader known for ${process.arch}.`);
  for (const needed of ['/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING]) {
    if (!fs.existsSync(needed)) throw new Sentence(`${needed} is missing: OpenSSH 10 is taken from Debian’s packages.`);
  }
  return loader;
}

/** Downloads the packages with all they depend on, as for a computer that has nothing. */
function download(draft) {
  const site = mirror();
  const apt = path.join(draft, 'apt');
  for (const part of ['state/lists/partial', 'cache/archives/partial']) {
    fs.mkdirSync(path.join(apt, part), { recursive: true });
  }
  fs.writeFileSync(path.join(apt, 'status'), '');
  fs.writeFileSync(path.join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${site} ${RELEASE} main\n`);
  const options = [
    `Dir::State=${apt}/state`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    'APT::Install-Recommends=false',
    // Only downloads: nothing is unpacked or run with the rights of the system.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  say(`downloading OpenSSH of Debian ${RELEASE} from ${site}`);
  check('apt-get', [...options, '-qq', 'update']);
  check('apt-get', [...options, '-qq', '-y', '--download-only', 'install', ...PACKAGES]);
  return path.join(apt, 'cache/archives');
}

/** The Debian mirror in use here, so that no other is asked. */
function mirror() {
  const targets = ['indextargets', '--format', '$(ORIGIN) $(SITE)', 'Created-By: Packages'];
  const lines = check('apt-get', targets).split('\n');
  const sites = lines.flatMap((line) => (/^Debian https?:/.test(line) ? [line.slice('Debian '.length)] : []));
  const site = sites.find((each) => !each.includes('security'));
  if (site === undefined) throw new Sentence('apt knows no Debian mirror here (run apt-get update, or use Debian).');
  return site;
}

function unpack(archives, root) {
  fs.mkdirSync(root);
  for (const name of fs.readdirSync(archives).filter((each) => each.endsWith('.deb'))) {
    check('dpkg-deb', ['--extract', path.join(archives, name), root]);
  }
}

/** Each program is a script that starts the real one with its own libraries. */
function writePrograms(folder, programs, loader) {
  const root = path.join(folder, 'root');
  const libraries = fs.readdirSync(path.join(root, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  const libraryPath = path.join(root, 'usr/lib', libraries);
  const start = `exec ${path.join(libraryPath, loader)} --argv0 "$0" --library-path ${libraryPath}`;
  const own = `-o SshdSessionPath=${programs}/sshd-session -o SshdAuthPath=${programs}/sshd-auth`;
  const lines = {
    ssh: `${start} ${root}/usr/bin/ssh "$@"`,
    'sshd-session': `${start} ${root}/usr/lib/openssh/sshd-session "$@"`,
    'sshd-auth': `${start} ${root}/usr/lib/openssh/sshd-auth "$@"`,
    sshd: `${start} ${root}/usr/sbin/sshd "$@" ${own}`,
  };
  fs.mkdirSync(programs, { recursive: true });
  for (const [name, line] of Object.entries(lines)) {
    fs.writeFileSync(path.join(programs, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
}

function check(file, args) {
  const { status, stdout, stderr, error } = run(file, args);
  if (status === 0) return stdout;
  const why = error === undefined ? stderr.trim().split('\n').at(-1) : error.message;
  throw new Sentence(`${file} ${args.at(-1)} failed: ${why}`);
}

function run(file, args) {
  return spawnSync(file, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
}

module.exports = { openssh10 };
