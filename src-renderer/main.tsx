import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

import type { Bridge } from '../src-main/contract/calls.ts';
import { App } from './App.tsx';
import { appVersion } from './app-version.ts';
import { BrowserApp } from './browser/BrowserApp.tsx';
import { BrowserSession } from './browser/browser-session.ts';
import type { PageFacts } from './browser/browser-snapshot.ts';
import { openWebSocket } from './browser/gateway-socket.ts';
import { createTokenStore } from './browser/token-store.ts';

import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/marks.css';
import './ui/styles/line.css';
import './ui/styles/controls.css';
import './ui/styles/surfaces.css';
import './ui/styles/steps.css';
import './ui/styles/events.css';
import './ui/styles/picker.css';
import './ui/styles/shell.css';
import './ui/styles/exposure.css';

declare global {
  interface Window {
    /** Put there by the preload of the app; absent in an ordinary browser. */
    readonly bridge?: Bridge;
  }
}

function content(): ReactNode {
  return window.bridge === undefined ? inBrowser() : <App bridge={window.bridge} />;
}

function inBrowser(): ReactNode {
  const { host, protocol } = window.location;
  const page: PageFacts = {
    version: appVersion,
    startedAtMs: Date.now(),
    host,
    url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`,
  };
  const session = new BrowserSession({
    ...page,
    platform: navigator.platform,
    tokens: createTokenStore(window.sessionStorage),
    open: openWebSocket,
    now: () => Date.now(),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    online: () => navigator.onLine,
  });
  session.start();
  return <BrowserApp session={session} page={page} />;
}

const root = document.getElementById('root');
if (root === null) throw new TypeError('index.html has no root');
createRoot(root).render(<StrictMode>{content()}</StrictMode>);
