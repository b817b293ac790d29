import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // A value import of Electron in plain Node starts a download; it fails with advice instead.
    alias: { electron: fileURLToPath(new URL('./scripts/no-electron.ts', import.meta.url)) },
  },
  test: {
    include: ['src-*/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    restoreMocks: true,
  },
});
