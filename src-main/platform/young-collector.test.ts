import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('./young-collector.ts', import.meta.url));

/** How often a fresh process collects its whole heap while 1 GiB passes through buffers that live for a while. */
async function fullCollections(carry: string): Promise<number> {
  const script = `
    import { PerformanceObserver, constants } from 'node:perf_hooks';
    import { setImmediate } from 'node:timers/promises';
    ${carry}
    let full = 0;
    const isFull = ({ detail: { kind } }) => kind === constants.NODE_PERFORMANCE_GC_MAJOR;
    new PerformanceObserver((list) => (full += list.getEntries().filter(isFull).length)).observe({ entryTypes: ['gc'] });
    const alive = [];
    for (let index = 0; index < 32_768; index += 1) {
      alive[index % 64] = Buffer.allocUnsafeSlow(32_768);
      carry(32_768);
      if (index % 256 === 0) await setImmediate();
    }
    await setImmediate();
    console.log(full);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return Number(stdout);
}

it('spares the process the collection of its whole heap', async () => {
  const [before, after] = await Promise.all([
    fullCollections('const carry = () => {};'),
    fullCollections(`import { carried as carry } from ${JSON.stringify(MODULE)};`),
  ]);
  expect(before).toBeGreaterThan(5);
  expect(after).toBeLessThan(before / 4);
});
