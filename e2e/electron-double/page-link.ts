import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';

import { Codec } from './codec.ts';
import { controls } from './controls.ts';
import { isolatedWorldScript, mainWorldScript } from './page/page-scripts.ts';

const WORLD = 'edouble-preload';
const BINDING = '__edouble_post';

export const codec = new Codec();

/** What the preload's world says to the main process; `args` is encoded. */
export interface PageMessage {
  readonly kind: 'invoke' | 'permission' | 'preload-error' | 'send';
  readonly id: number;
  readonly channel: string;
  readonly args: string;
}

interface LinkOptions {
  readonly preload: string | undefined;
  /** `process.argv` of the preload. */
  readonly argv: readonly string[];
  readonly onMessage: (message: PageMessage) => void;
}

/** A page of Chromium with the preload's world in it, and the wire between that world and us. */
export class PageLink {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly targetId: string;
  readonly #options: LinkOptions;
  #mainFrameId = '';
  #worldId: number | undefined;

  private constructor(
    page: Page,
    cdp: CDPSession,
    found: { readonly targetId: string; readonly options: LinkOptions },
  ) {
    this.page = page;
    this.cdp = cdp;
    this.targetId = found.targetId;
    this.#options = found.options;
  }

  static async open(context: BrowserContext, options: LinkOptions): Promise<PageLink> {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const { targetInfo } = await cdp.send('Target.getTargetInfo');
    const link = new PageLink(page, cdp, { targetId: targetInfo.targetId, options });
    await link.#listen();
    await link.#addWorlds();
    return link;
  }

  /**
   * Hands an encoded value to the preload's world.
   *
   * @param kind `answer` and `failure` of the request with that key, `event` of the channel with that name.
   */
  async deliver(kind: 'answer' | 'event' | 'failure', key: number | string, text: string): Promise<void> {
    const contextId = this.#worldId;
    if (contextId === undefined) {
      controls.dropped.push(`${kind} ${key}`);
      return;
    }
    const args = [kind, key, text].map((value) => JSON.stringify(value)).join(', ');
    const call = this.cdp.send('Runtime.evaluate', { expression: `__edouble_deliver(${args})`, contextId });
    // The page can go away at any moment; then nobody waits for the message.
    await call.catch(() => controls.dropped.push(`${kind} ${key}`));
  }

  async #listen(): Promise<void> {
    const { cdp } = this;
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = (context.auxData ?? {}) as { frameId?: string };
      if (context.name === WORLD && frameId === this.#mainFrameId) this.#worldId = context.id;
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#worldId) this.#worldId = undefined;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== BINDING || executionContextId !== this.#worldId) return;
      this.#options.onMessage(JSON.parse(payload) as PageMessage);
    });
    const { frameTree } = await cdp.send('Page.getFrameTree');
    this.#mainFrameId = frameTree.frame.id;
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
  }

  async #addWorlds(): Promise<void> {
    const { preload, argv } = this.#options;
    const token = randomBytes(12).toString('hex');
    await this.cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD });
    await this.cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript(token) });
    const text = preload === undefined ? '' : readFileSync(preload, 'utf8');
    const config = { binding: BINDING, process: preloadProcess(argv) };
    const source = isolatedWorldScript(token, config, text);
    await this.cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: WORLD });
  }
}

function preloadProcess(argv: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    type: 'renderer',
    platform: process.platform,
    arch: process.arch,
    versions: { ...process.versions },
    sandboxed: true,
    contextIsolated: true,
    env: {},
    argv,
  };
}
