import { strict } from './strict.ts';

let text = '';

/** A clipboard of its own: a test never reads or overwrites the developer's. Asynchronous since Electron 44. */
export const clipboard = strict<Electron.Clipboard>('clipboard', {
  readText: async () => text,
  writeText: async (value) => {
    text = value;
  },
  has: async (type) => type === 'text/plain' && text !== '',
  clear: () => {
    text = '';
  },
});
