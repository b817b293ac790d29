#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keepCompiledCode } from './commands/compiled-code.ts';
import { endWithLauncher, isNewEnough, runOnPinnedNode } from './commands/pinned-node.ts';
import { homeRoot } from './platform/home-root.ts';

const distRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const appRoot = join(distRoot, '..');

if (isNewEnough(process.versions.node)) {
  endWithLauncher();
  keepCompiledCode(homeRoot(process.env, homedir()));
  const { version } = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8')) as { version: string };
  // Loaded only here: an old Node could not even read it.
  const { main } = await import('./commands/main.ts');
  await main(distRoot, version);
} else process.exitCode = await runOnPinnedNode(appRoot);
