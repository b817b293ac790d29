import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program of the real OpenClaw, as installed by `npm run test:peer`. */
export const OPENCLAW = fileURLToPath(new URL('../node_modules/openclaw/openclaw.mjs', import.meta.url));

const COMPILE_CACHE = fileURLToPath(new URL('../.cache/compile', import.meta.url));

/** A home for one OpenClaw program: nothing of the person who runs the tests is read, nothing is left behind. */
export interface PrivateHome {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  writeConfig(config: OpenclawConfig): void;
  remove(): void;
}

/** The part of `openclaw.json` that the tests write. */
export interface OpenclawConfig {
  readonly gateway?: Readonly<Record<string, unknown>>;
}

export function createPrivateHome(): PrivateHome {
  const dir = mkdtempSync(join(tmpdir(), 'gangway-openclaw-'));
  const at = (name: string) => join(dir, name);
  for (const name of ['home', 'state', 'tmp']) mkdirSync(at(name));
  return {
    dir,
    env: {
      // Node, and what the system itself offers; no tool of the person.
      PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: at('home'),
      TMPDIR: at('tmp'),
      OPENCLAW_STATE_DIR: at('state'),
      OPENCLAW_CONFIG_PATH: at('state/openclaw.json'),
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_NO_AUTO_UPDATE: '1',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      NO_COLOR: '1',
      TZ: 'UTC',
    },
    // Its log goes to one folder for all, unless it is told otherwise.
    writeConfig: (config) =>
      writeFileSync(at('state/openclaw.json'), JSON.stringify({ ...config, logging: { file: at('openclaw.log') } }), {
        mode: 0o600,
      }),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}
