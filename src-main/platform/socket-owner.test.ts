import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createNodeFiles } from './node-files.ts';
import { ownerOfSocket } from './port-tables.ts';
import { findSocketOwner, type SocketEnds, type SocketOwner } from './socket-owner.ts';

const NOBODY = 65_534;

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
if (!isLinux || !isRoot) console.warn('not run as root on Linux: the owner of a connection is only seen as ourselves');

async function ownerOf(opened: Promise<unknown>): Promise<SocketOwner> {
  const [socket] = (await opened) as [Socket];
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  const ends: SocketEnds = {
    theirs: { address: remoteAddress, port: remotePort },
    ours: { address: localAddress, port: localPort },
  };
  const owner = await findSocketOwner(ends, { files: createNodeFiles(), platform: process.platform });
  socket.destroy();
  return owner;
}

describe.runIf(isLinux)('the other end of a connection', () => {
  it('is held by ourselves', async () => {
    const opened = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    expect(await ownerOf(opened)).toEqual({ status: 'known', uid: process.getuid?.() });
    client.destroy();
  });

  it('is held by ourselves with a socket of IPv6', async () => {
    const opened = once(server, 'connection');
    const client = connect(port, '::ffff:127.0.0.1');
    expect(await ownerOf(opened)).toEqual({ status: 'known', uid: process.getuid?.() });
    client.destroy();
  });

  it.runIf(isRoot)('is held by another user', async () => {
    const opened = once(server, 'connection');
    const child = spawn('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r _ <&3`], { uid: NOBODY, cwd: '/' });
    expect(await ownerOf(opened)).toEqual({ status: 'known', uid: NOBODY });
    await once(child, 'exit');
  });

  it('is nobody’s once it is gone', async () => {
    const gone = { address: '127.0.0.1', port: 1 };
    const ends = { theirs: gone, ours: { address: '127.0.0.1', port } };
    const owner = await findSocketOwner(ends, { files: createNodeFiles(), platform: 'linux' });
    expect(owner).toEqual({ status: 'unknown' });
  });
});

it('is not told where the platform has no such table', async () => {
  const ends = { theirs: { address: '127.0.0.1', port: 1 }, ours: { address: '127.0.0.1', port: 2 } };
  const files = { read: () => Promise.reject(new Error('not asked')) };
  expect(await findSocketOwner(ends, { files, platform: 'darwin' })).toEqual({ status: 'untold' });
  expect(await findSocketOwner(ends, { files, platform: 'linux' })).toEqual({ status: 'unknown' });
});

describe('the table', () => {
  const ends = { theirs: { address: '127.0.0.1', port: 0xa01 }, ours: { address: '127.0.0.1', port: 0xb02 } };
  const row = (local: string, remote: string, state: string, uid: number | string) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 12345 1 0000000000000000 20`;
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const theirs = (uid: number | string) => row('0100007F:0A01', '0100007F:0B02', '01', uid);
  const ours = row('0100007F:0B02', '0100007F:0A01', '01', 7);

  it.each<[string, readonly string[], boolean, number | undefined]>([
    ['theirs, not ours', [ours, theirs(0)], true, 0],
    ['none', [ours], true, undefined],
    ['one that is over', [row('0100007F:0A01', '0100007F:0B02', '06', 0)], true, undefined],
    ['two', [theirs(0), theirs(1000)], true, undefined],
    ['one without a user', [theirs('x')], true, undefined],
    ['one of another order of bytes', [row('7F000001:0A01', '7F000001:0B02', '01', 5)], false, 5],
    [
      'one of IPv6',
      [row('0000000000000000FFFF00000100007F:0A01', '0000000000000000FFFF00000100007F:0B02', '01', 3)],
      true,
      3,
    ],
  ])('names %s', (_name, rows, isLittleEndian, uid) => {
    expect(ownerOfSocket([HEAD, ...rows].join('\n'), ends, isLittleEndian)).toBe(uid);
  });
});
