import type { Logger } from './ports.ts';

/**
 * Keeps this process, which others rely on for months, when a promise fails that nobody looks after: it is told in the
 * log. What is thrown outside of a promise still ends it, since then nobody knows what state it is in.
 */
export function outliveRejections(log: Logger): void {
  process.on('unhandledRejection', (error) => log.error('a promise failed that nobody looked after', { error }));
}
