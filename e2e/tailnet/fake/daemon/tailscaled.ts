import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { steeringFolder } from '../state.ts';
import { Known } from './known.ts';
import { localApi } from './local-api.ts';
import { Routes } from './routes.ts';
import { Serving } from './serving.ts';
import { readUntil, serveSocks, type Preface } from './wire.ts';

// Stands for `tailscaled`: LocalAPI on a socket, a serving proxy, SOCKS into the tailnet. Takes the words of the real one.

const { values } = parseArgs({
  options: {
    statedir: { type: 'string' },
    socket: { type: 'string' },
    'socks5-server': { type: 'string' },
    tun: { type: 'string' },
    port: { type: 'string' },
    'no-logs-no-support': { type: 'boolean' },
  },
});
if (values.socket === undefined) throw new Error('--socket is missing');
const folder = values.statedir ?? steeringFolder(values.socket);
mkdirSync(folder, { recursive: true });
mkdirSync(dirname(values.socket), { recursive: true });

/** Where Funnel's relays knock; the real one chooses it anew at each start. */
const PEER_API = 58_436;

const wire = createServer((socket) => {
  void arrive(socket).catch(() => socket.destroy());
});
await listen(wire, 0, '127.0.0.1');
const known = new Known(folder, (wire.address() as AddressInfo).port);
const routes = new Routes(join(folder, 'serve.json'));
const serving = new Serving(routes, known);
await known.rejoin();

if (values['socks5-server'] !== undefined) {
  const [host = '127.0.0.1', port = '0'] = values['socks5-server'].split(':');
  const socks = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void known
      .netmap()
      .then((map) => serveSocks(socket, map))
      .catch(() => socket.destroy());
  });
  await listen(socks, Number(port), host);
}
rmSync(values.socket, { force: true });
localApi({ known, routes, peerApi: PEER_API }).listen(values.socket);

async function arrive(socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy());
  const { from, port } = JSON.parse(await readUntil(socket, '\n')) as Preface;
  serving.learn(await known.netmap());
  socket.write('\n');
  if (port !== PEER_API) return serving.take(socket, { address: from, port, isPublic: false });
  const head = await readUntil(socket, '\r\n\r\n');
  const source = /^tailscale-ingress-src: (\S+):\d+\r$/im.exec(head)?.[1];
  const target = /^tailscale-ingress-target: \S+:(\d+)\r$/im.exec(head)?.[1];
  if (!head.startsWith('POST /v0/ingress ') || source === undefined || target === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    return;
  }
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  serving.take(socket, { address: source, port: Number(target), isPublic: true });
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}
