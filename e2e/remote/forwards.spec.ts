import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait-for.ts';

interface ForwardLine {
  readonly localPort: number;
  readonly status: string;
  readonly cause?: { readonly code: string; readonly params: { readonly holder?: { readonly pid?: number } } };
}

async function serve(text: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** Since when the gateway is connected without a break. */
async function connectedSinceMs(home: string): Promise<number | undefined> {
  const { stdout } = await runCli(['status', '--json'], { home });
  const { gateways } = JSON.parse(stdout) as { gateways: readonly { name: string; state: { sinceMs?: number } }[] };
  return gateways.find(({ name }) => name === 'Studio')?.state.sinceMs;
}

const get = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

test('a gateway carries further ports: added, seen, kept over a restart, removed', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  const { server, port } = await serve('from over there');
  const local = await freePort();
  const forwards = async (...words: string[]): Promise<ForwardLine[]> => {
    const result = await runCli(['gateways', 'forward', 'Studio', ...words, '--json'], { home });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    return JSON.parse(result.stdout) as ForwardLine[];
  };
  const settled = (status: string): Promise<ForwardLine> =>
    waitFor(async () => (await forwards('list')).find((forward) => forward.status === status), { what: status });
  try {
    await using app = startCli(['app', '--headless'], { home });
    await app.waitForLine(/Switched off/);
    const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
    await runCli([...words, '--token-file', desk.tokenFile], { home });
    await runCli(['use', 'Studio'], { home });

    await test.step('a port that leads there', async () => {
      await forwards('add', `${local}:${port}`);
      await settled('ready');
      expect(await get(local)).toBe('from over there');
    });
    const connectedAt = await connectedSinceMs(home);
    expect(connectedAt).toBeGreaterThan(0);
    await test.step('one whose local port is taken names the holder, and the others go on', async () => {
      await forwards('add', `${port}:127.0.0.1:${desk.port}`);
      const taken = await waitFor(
        async () => (await forwards('list')).find(({ cause }) => cause?.params.holder?.pid !== undefined),
        { what: 'the holder' },
      );
      expect(taken).toMatchObject({ localPort: port, cause: { code: 'gateway/port-taken' } });
      expect(taken.cause?.params.holder?.pid).toBe(process.pid);
      expect(await get(local)).toBe('from over there');
      await forwards('remove', String(port));
      // The line is the one it was: nothing that ran over it has noticed.
      expect(await connectedSinceMs(home)).toBe(connectedAt);
    });
    await test.step('words that make no forward', async () => {
      const twice = await runCli(['gateways', 'forward', 'Studio', 'add', `${local}:1`], { home });
      expect(twice.stderr).toContain(`Port ${local} is forwarded already`);
      const wrong = await runCli(['gateways', 'forward', 'Studio', 'add', 'nonsense'], { home });
      expect(wrong).toMatchObject({ exitCode: 64 });
      expect(wrong.stderr).toContain('Give LOCAL:HOST:PORT');
    });
    await app.stop();

    await using again = startCli(['app', '--headless'], { home });
    await again.waitForLine(/Studio/);
    await settled('ready');
    expect(await get(local)).toBe('from over there');
    expect(await forwards('remove', String(local))).toEqual([]);
    await expect(get(local)).rejects.toThrow();
  } finally {
    server.close();
  }
});

test('a tunnel in the foreground carries further ports too', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  const { server, port } = await serve('beside');
  const files = ['--identity', sshd.identityFile, '--known-hosts', sshd.knownHostsFile];
  const closed = await freePort();
  const also = ['--also', `0:127.0.0.1:${port}`, '--also', `0:${closed}`];
  const words = ['tunnel', sshd.target, '--remote-port', String(desk.port), '--local-port', '0', ...also, ...files];
  try {
    await using tunnel = startCli([...words, '--json'], { home });
    const ready = await tunnel.waitForJson((line) => (line['forward'] as ForwardLine | undefined)?.status === 'ready');
    expect(await get((ready['forward'] as ForwardLine).localPort)).toBe('beside');
    const failed = await tunnel.waitForJson(
      (line) => (line['forward'] as ForwardLine | undefined)?.status === 'failed',
    );
    expect(failed).toMatchObject({ forward: { cause: { code: 'ssh/service-refused' } } });
  } finally {
    server.close();
  }
});
