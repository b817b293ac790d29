import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young part of the heap as small as it starts. V8 lets it grow to 48 MiB under load and does not give it
 * back, which in a process that holds thousands of quiet connections is most of what each of them costs. For processes
 * of their own: it counts for everything in them.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
