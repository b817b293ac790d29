import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';

import { probeGateway } from './probe-gateway.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listen(createHttpServer(listener));

function answers(bodies: Readonly<Record<string, string>>): RequestListener {
  return ({ url = '' }, response) => {
    response.statusCode = url in bodies ? 200 : 404;
    response.end(bodies[url] ?? 'Not Found');
  };
}

it.each([
  ['a gateway', { '/startupz': '{"ok":true,"status":"started","version":"2026.9.6","uptimeMs":5}' }, true, '2026.9.6'],
  ['a gateway that is starting', { '/startupz': '{"ok":true,"status":"starting"}' }, true, undefined],
  ['an older gateway', { '/healthz': '{"ok":true,"status":"live"}' }, true, undefined],
  [
    'a gateway whose version is no version',
    { '/startupz': '{"ok":true,"status":"started","version":"<b>1\\n"}' },
    true,
    undefined,
  ],
  ['a web server', { '/startupz': '<html>', '/healthz': '<html>' }, false, undefined],
  ['another program with a health answer', { '/healthz': '{"ok":true}' }, false, undefined],
  ['an answer of another kind', { '/startupz': '[]', '/healthz': 'null' }, false, undefined],
  [
    'an endless answer',
    { '/startupz': `{"ok":true,"status":"started","x":"${'x'.repeat(70_000)}"}` },
    false,
    undefined,
  ],
])('judges %s', async (_name, bodies, compatible, version) => {
  expect(await probeGateway(await serve(answers(bodies as unknown as Record<string, string>)), 5_000)).toEqual({
    compatible,
    version,
  });
});

it('does not follow a redirect', async () => {
  const port = await serve((request, response) => {
    if (request.url === '/elsewhere') response.end('{"ok":true,"status":"started"}');
    else response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await probeGateway(port, 5_000)).toMatchObject({ compatible: false });
});

it('gives up on a program that accepts and stays silent', async () => {
  const silent = createServer((socket) => void socket.on('error', () => undefined).resume());
  expect(await probeGateway(await listen(silent), 100)).toMatchObject({ compatible: false });
});

it('gives up on a program that is no web server', async () => {
  const garbage = createServer(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end('SSH-2.0-x\r\n'),
  );
  expect(await probeGateway(await listen(garbage), 5_000)).toMatchObject({ compatible: false });
});

it('finds nothing where nothing listens', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await probeGateway(port, 5_000)).toEqual({ compatible: false, version: undefined });
});
