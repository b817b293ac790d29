import { Codec } from '../codec.ts';
import { runIsolatedWorld, type IsolatedWorldConfig } from './isolated-world.ts';
import { runMainWorld } from './main-world.ts';
import { WorldBridge } from './world-bridge.ts';

/** The script of the page's own world. `token` is secret to this page and ties the two worlds together. */
export function mainWorldScript(token: string): string {
  return inScope(`(${runMainWorld.toString()})(${newBridge(token, 'main')});`);
}

/** The script of the preload's world, around the text of the real preload file. */
export function isolatedWorldScript(token: string, config: IsolatedWorldConfig, preload: string): string {
  const parts = `{ bridge: ${newBridge(token, 'isolated')}, codec: new Codec(), config: ${JSON.stringify(config)} }`;
  const wrapped = `function (require, module, exports, process, global) {${preload}\n}`;
  return inScope(`(${runIsolatedWorld.toString()})(${parts}, ${wrapped});`);
}

function newBridge(token: string, side: 'main' | 'isolated'): string {
  return `new WorldBridge(${JSON.stringify(token)}, '${side}', (references) => new Codec(references))`;
}

function inScope(script: string): string {
  return `(() => {\nconst Codec = ${Codec.toString()};\nconst WorldBridge = ${WorldBridge.toString()};\n${script}\n})();`;
}
