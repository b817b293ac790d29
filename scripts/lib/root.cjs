'use strict';
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

/** A path inside the repository. */
const at = (...parts) => path.join(root, ...parts);

module.exports = { root, at };
