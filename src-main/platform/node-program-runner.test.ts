import { expect, it } from 'vitest';

import { createNodeProgramRunner } from './node-program-runner.ts';

const runner = createNodeProgramRunner();
const run = (script: string, timeoutMs = 20_000, args: readonly string[] = []) =>
  runner.run(process.execPath, ['-e', script, '--', ...args], { timeoutMs });

it('gives the exit code and both outputs of a program', async () => {
  expect(await run('console.log("out ä"); console.error("err"); process.exitCode = 3')).toEqual({
    exitCode: 3,
    stdout: 'out ä\n',
    stderr: 'err\n',
  });
});

it('hands arguments over as they are, and no shell looks at them', async () => {
  const args = ['a b', '$(id)', '`id`', '"quoted"', "it's", '; exit 9', '*'];
  const { stdout } = await run('console.log(JSON.stringify(process.argv.slice(1)))', 20_000, args);
  expect(JSON.parse(stdout)).toEqual(args);
});

it('gives no input', async () => {
  expect(await run('process.stdin.on("end", () => console.log("no input")).resume()')).toMatchObject({
    stdout: 'no input\n',
  });
});

it('rejects with the code of the system when there is no such program', async () => {
  await expect(runner.run('no-such-program-here', [], { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'ENOENT' });
});

it('rejects arguments no program can take', async () => {
  await expect(runner.run(process.execPath, ['\0'], { timeoutMs: 1_000 })).rejects.toThrow(TypeError);
});

it('ends a program that takes too long', async () => {
  await expect(run('setInterval(() => {}, 1000)', 300)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});

it.runIf(process.platform !== 'win32')(
  'ends a program that ignores the first signal, and is done when it is gone',
  async () => {
    const startedMs = Date.now();
    // The time allows for starting: a program that is ended before it can ignore the signal proves nothing.
    await expect(run('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', 1_000)).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
    expect(Date.now() - startedMs).toBeGreaterThan(2_500);
  },
  20_000,
);

it('ends a program that writes without end', async () => {
  await expect(
    run('const x = "x".repeat(65536); setInterval(() => { for (let i = 0; i < 50; i += 1) process.stdout.write(x) })'),
  ).rejects.toMatchObject({ code: 'ENOBUFS' });
});

it.runIf(process.platform !== 'win32')('counts the end by a signal as a shell does', async () => {
  expect(await run('process.kill(process.pid, "SIGKILL")')).toMatchObject({ exitCode: 137 });
});

it('does not wait for a grandchild that holds the output', async () => {
  const grandchild =
    'require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 15000)"], { stdio: "inherit" })';
  const { stdout } = await run(
    `const child = ${grandchild}; child.unref(); console.log(child.pid); process.exit()`,
    10_000,
  );
  expect(process.kill(Number(stdout))).toBe(true);
}, 12_000);
