'use strict';
const { runChild } = require('./child.cjs');
const { root, at } = require('./root.cjs');
const { Sentence, say } = require('./say.cjs');

/** Installs what the tests need from the system, where that is missing. @throws Sentence */
async function systemPackages() {
  if (process.platform === 'win32') {
    say('on Windows the tests use the Chrome and the OpenSSH that are installed');
    return;
  }
  // It may have to ask for a password, on the terminal we are on.
  const { code } = await runChild('sh', [at('scripts', 'system-packages.sh')], { cwd: root, interactive: true });
  if (code !== 0) throw new Sentence('Something the tests need from the system is missing; the line above says what.');
}

module.exports = { systemPackages };
