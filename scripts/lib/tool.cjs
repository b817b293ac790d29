'use strict';
const path = require('node:path');
const { at } = require('./root.cjs');

const PACKAGES = { tsc: 'typescript', playwright: '@playwright/test' };

/**
 * The words of a script of package.json that is one tool, as arguments for `runNode`: neither npm nor a shell stands in
 * between, where signals get lost.
 */
function tool(scriptName, ...more) {
  const [name, ...args] = require(at('package.json')).scripts[scriptName].split(' ');
  const folder = at('node_modules', PACKAGES[name] || name);
  const { bin } = require(path.join(folder, 'package.json'));
  return [path.join(folder, typeof bin === 'string' ? bin : bin[name]), ...args, ...more];
}

module.exports = { tool };
