import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ForkOptions } from 'electron';
import { expect, it } from 'vitest';

import { settle } from '../platform/testing/fake-clock.ts';
import { createElectronHostStarter, passedOn } from './electron-host-process.ts';

class FakeUtilityProcess extends EventEmitter {
  readonly pid = 4127;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly received: unknown[] = [];
  kills = 0;

  postMessage(message: unknown): void {
    this.received.push(structuredClone(message));
  }

  kill(): boolean {
    this.kills += 1;
    return true;
  }
}

function setUp() {
  const child = new FakeUtilityProcess();
  const forks: { file: string; args: readonly string[] | undefined; options: ForkOptions | undefined }[] = [];
  const killed: number[] = [];
  const starter = createElectronHostStarter({
    utilityProcess: {
      fork: (file, args, options) => {
        forks.push({ file, args, options });
        return child;
      },
    },
    entryFile: (entry) => `out/main/${entry}.js`,
    env: { HOME: '/User/me', OPENCLAW_GATEWAY_TOKEN: 'secret', NODE_OPTIONS: '--inspect' },
    killNow: (pid) => killed.push(pid),
  });
  return { child, forks, killed, host: starter.start('gateway-host') };
}

it('starts the entry with nothing in argv and nothing secret in the environment', () => {
  expect(setUp().forks).toEqual([
    {
      file: 'out/main/gateway-host.js',
      args: [],
      options: { env: { HOME: '/User/me' }, stdio: 'pipe', serviceName: 'Gangway gateway' },
    },
  ]);
});

it.each([
  ['PATH', true],
  ['OPENCLAW_GATEWAY_PASSWORD', false],
  ['openclaw_config', false],
  ['NODE_OPTIONS', false],
  ['Node_Options', false],
  ['ELECTRON_RUN_AS_NODE', false],
  ['MY_OPENCLAW_', true],
])('passes %s on: %s', (name, expected) => {
  expect(Object.hasOwn(passedOn({ [name]: '1' }), name)).toBe(expected);
});

it('carries messages, lines of errors and the end', async () => {
  const { child, host } = setUp();
  const heard: unknown[] = [];
  host.onMessage((message) => heard.push(message));
  host.onErrorLine((line) => heard.push(line));
  host.onExit((code) => heard.push(code));
  host.send({ type: 'start' });
  child.emit('message', { type: 'ready' });
  child.stderr.write('out of mem');
  child.stderr.write(Buffer.from('ory ✗\nlast').subarray(0, 6));
  child.stderr.write(Buffer.from('ory ✗\nlast').subarray(6));
  child.stderr.end();
  await settle();
  child.emit('exit', 1);
  expect(child.received).toEqual([{ type: 'start' }]);
  expect(heard).toEqual([{ type: 'ready' }, 'out of memory ✗', 'last', 1]);
});

it('asks to end, ends at once, and does neither after the end', () => {
  const { child, killed, host } = setUp();
  host.kill('SIGTERM');
  host.kill('SIGKILL');
  child.emit('exit', 0);
  host.kill('SIGTERM');
  host.kill('SIGKILL');
  host.send('too late');
  expect([child.kills, killed, child.received]).toEqual([1, [4127], []]);
});

it('turns a fatal error over there into a line, without its report', () => {
  const { child, host } = setUp();
  const lines: string[] = [];
  host.onErrorLine((line) => lines.push(line));
  child.emit('error', 'FatalError', 'v8::Heap', 'environment: secret');
  expect(lines).toEqual(['FatalError in v8::Heap']);
});

it('keeps its memory small when a process never ends a line', async () => {
  const { child, host } = setUp();
  const lines: string[] = [];
  host.onErrorLine((line) => lines.push(line));
  for (let n = 0; n < 64; n += 1) child.stderr.write('x'.repeat(1_024));
  child.stderr.end('\n');
  await settle();
  expect(lines.map(({ length }) => length)).toEqual([4_096]);
});
