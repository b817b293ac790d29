import { defineConfig } from 'vitest/config';

/** What `npm run test:openssh10` runs: all that speaks to a real sshd, and what only an OpenSSH since 9.8 can show. */
export default defineConfig({
  test: {
    include: ['src-main/ssh/**/*.test.ts', 'src-main/ssh/**/*.openssh10.ts'],
    restoreMocks: true,
  },
});
