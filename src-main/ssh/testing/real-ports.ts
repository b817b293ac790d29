import { nodeClock } from '../../platform/node-clock.ts';
import { createCompanionStarter } from '../../platform/node-companion.ts';
import { createNodeFiles } from '../../platform/node-files.ts';
import { createNodeProgramRunner } from '../../platform/node-program-runner.ts';
import type { ProgramRunner } from '../../platform/ports.ts';

export const realClock = nodeClock;
export const realFiles = createNodeFiles();
export const realRunner = createNodeProgramRunner();
export const realCompanions = createCompanionStarter({ env: process.env, platform: process.platform });

/** A machine without the program. */
export const noPrograms: ProgramRunner = {
  run: (file) => Promise.reject(Object.assign(new Error(`no ${file}`), { code: 'ENOENT' })),
};
