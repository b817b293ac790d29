import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { createNodeFiles } from './node-files.ts';
import { createNodeProgramRunner } from './node-program-runner.ts';
import { findFreePort, findPortHolder } from './port-holder.ts';
import type { ProgramRunner } from './ports.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}

const files = createNodeFiles();
const scripted = (outputs: Readonly<Record<string, string>>): ProgramRunner => ({
  run: async (file) => {
    const stdout = outputs[file];
    if (stdout === undefined) throw Object.assign(new Error('spawn'), { code: 'ENOENT' });
    return { exitCode: 0, stdout, stderr: '' };
  },
});

describe('the holder of a port', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('is this process when we listen on %s', async (host) => {
    const port = await listen(host);
    const holder = await findPortHolder(port, { runner: createNodeProgramRunner(), files, platform: process.platform });
    expect(holder.pid).toBe(process.pid);
    expect(holder.program).toMatch(/node/);
  });

  it('is unknown when nothing listens', async () => {
    const port = await listen('127.0.0.1');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const holder = await findPortHolder(port, { runner: createNodeProgramRunner(), files, platform: process.platform });
    expect(holder).toEqual({ pid: undefined, program: undefined });
  });

  it('comes from lsof on macOS', async () => {
    const runner = scripted({ lsof: 'p812\ncnode\nf19\n' });
    expect(await findPortHolder(1, { runner, files, platform: 'darwin' })).toEqual({ pid: 812, program: 'node' });
  });

  const netstat = '  TCP    127.0.0.1:18789        0.0.0.0:0              LISTENING       4312\r\n';

  it('comes from netstat and tasklist on Windows', async () => {
    const runner = scripted({
      'netstat.exe': netstat,
      'tasklist.exe': '"node.exe","4312","Console","1","50,000 K"\r\n',
    });
    expect(await findPortHolder(18_789, { runner, files, platform: 'win32' })).toEqual({
      pid: 4312,
      program: 'node.exe',
    });
  });

  it('keeps its number when its name cannot be had', async () => {
    const runner = scripted({ 'netstat.exe': netstat });
    expect(await findPortHolder(18_789, { runner, files, platform: 'win32' })).toEqual({
      pid: 4312,
      program: undefined,
    });
  });

  it.each(['darwin', 'win32', 'freebsd'] as const)(
    'is unknown on %s without the program that tells',
    async (platform) => {
      const holder = await findPortHolder(1, { runner: scripted({}), files, platform });
      expect(holder).toEqual({ pid: undefined, program: undefined });
    },
  );
});

describe('a free port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1'])('is 120 further when the first is taken on %s', async (host) => {
    const taken = await listen(host);
    const free = await findFreePort(taken);
    expect(((free ?? 0) - taken) % 120).toBe(0);
    expect(free).toBeGreaterThan(taken);
  });

  it('is the first one when nothing holds it', async () => {
    const port = await listen('127.0.0.1');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await findFreePort(port)).toBe(port);
  });

  it('is not sought beyond the last port', async () => {
    expect(await findFreePort(65_536)).toBeUndefined();
  });
});
