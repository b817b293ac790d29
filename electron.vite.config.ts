import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // One file to read at start instead of hundreds; ssh2 looks for its optional parts by path and stays outside.
      externalizeDeps: {
        exclude: [
          '@openclaw/gateway-client',
          '@openclaw/gateway-protocol',
          'commander',
          'express',
          'json5',
          'ws',
          'zod',
        ],
      },
      rolldownOptions: {
        input: {
          index: at('src-main/index.ts'),
          cli: at('src-main/cli.ts'),
          'gateway-host': at('src-main/gateway-host.ts'),
          'key-worker': at('src-main/key-worker.ts'),
        },
        // The same names in every version, so that what Node keeps compiled of one takes the place of the last.
        output: { chunkFileNames: 'chunks/[name].js' },
      },
    },
  },
  preload: {
    // A sandboxed preload is one CommonJS file: no chunks, no ES modules, no `require` but Electron's.
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [react()],
    build: { outDir: at('out/renderer'), rolldownOptions: { input: at('src-renderer/index.html') } },
  },
});
