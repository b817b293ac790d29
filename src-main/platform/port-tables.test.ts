import { expect, it } from 'vitest';

import { listeningInodes, parseLsof, parseNetstat } from './port-tables.ts';

const PROC = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 91 1 0000000000000000 100 0 0 10 0
   1: 0100007F:4965 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 92 1 0000000000000000 20 4 30 10 -1
   2: 00000000000000000000000001000000:4965 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 93 1
   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 94 1 0000000000000000 100 0 0 10 0`;

it('finds the sockets that listen on a port in the table of the kernel, and no connections', () => {
  expect(listeningInodes(PROC, 18_789)).toEqual(['91', '93']);
});

it.each(['', 'garbage', '0: x y 0A'])('finds none in “%s”', (table) => {
  expect(listeningInodes(table, 18_789)).toEqual([]);
});

it.each([
  ['p812\ncnode\nf19\n', { pid: 812, program: 'node' }],
  ['p812\n', { pid: 812, program: undefined }],
  ['p1\ncGoogle Chrome\np2\ncother\n', { pid: 1, program: 'Google Chrome' }],
  ['', { pid: undefined, program: undefined }],
  ['lsof: WARNING\npx\n', { pid: undefined, program: undefined }],
])('reads %j from lsof', (output, holder) => {
  expect(parseLsof(output)).toEqual(holder);
});

it.each([
  ['an English Windows', '  TCP    127.0.0.1:18789        0.0.0.0:0              LISTENING       4312\r\n', 4312],
  ['a German Windows', '  TCP    127.0.0.1:18789        0.0.0.0:0              ABHÖREN         4312\r\n', 4312],
  ['IPv6', '  TCP    [::1]:18789            [::]:0                 LISTENING       4312\r\n', 4312],
  ['a connection', '  TCP    127.0.0.1:18789        127.0.0.1:50000        ESTABLISHED     4312\r\n', undefined],
  ['a longer port', '  TCP    127.0.0.1:118789       0.0.0.0:0              LISTENING       4312\r\n', undefined],
  ['UDP', '  UDP    0.0.0.0:18789          *:*                                    4312\r\n', undefined],
  ['nothing', '', undefined],
])('reads netstat on %s', (_name, output, pid) => {
  expect(parseNetstat(output, 18_789)).toBe(pid);
});
