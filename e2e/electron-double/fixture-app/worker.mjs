process.stdout.write('worker started\n');
process.parentPort.on('message', ({ data }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
  process.parentPort.postMessage({ type: process.type, sum: data.values.reduce((sum, value) => sum + value, 0) });
});
