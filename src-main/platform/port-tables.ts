import type { PortHolder } from '../contract/errors.ts';
import type { SocketEnds } from './socket-owner.ts';

/** @see {@link https://docs.kernel.org/networking/proc_net_tcp.html}: local address, state and inode; 0A is LISTEN. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const ofPort = rows.filter((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16) === port && row[3] === '0A');
  return ofPort.flatMap((row) => row[9] ?? []);
}

/**
 * The user id of whoever holds `theirs` of a connection within this computer, from the same table. Rows are of one end
 * each, so theirs is the row whose remote end is ours; 01 is ESTABLISHED. Several rows that fit tell nothing.
 */
export function ownerOfSocket(
  table: string,
  { theirs, ours }: SocketEnds,
  isLittleEndian: boolean,
): number | undefined {
  const [local, remote] = [theirs, ours].map((end) => hexEnd(end, isLittleEndian));
  const isEnd = (cell: string | undefined, end: string | undefined): boolean =>
    end !== undefined && (cell === end || cell === `${isLittleEndian ? MAPPED_LE : MAPPED_BE}${end}`);
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const [row, ...others] = rows.filter(
    (cells) => isEnd(cells[1], local) && isEnd(cells[2], remote) && cells[3] === '01',
  );
  const uid = others.length === 0 ? row?.[7] : undefined;
  return uid !== undefined && /^\d+$/.test(uid) ? Number(uid) : undefined;
}

/** `::ffff:0:0/96`, in words of 32 bits as this computer stores them. */
const MAPPED_LE = '0000000000000000FFFF0000';
const MAPPED_BE = '00000000000000000000FFFF';

/** `127.0.0.1:80` → `0100007F:0050` */
function hexEnd({ address, port }: SocketEnds['ours'], isLittleEndian: boolean): string {
  const bytes = address.split('.').map((byte) => hex(Number(byte), 2));
  return `${(isLittleEndian ? bytes.toReversed() : bytes).join('')}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** One field per line, named by its first letter: `p` for the process, `c` for its command. */
export function parseLsof(output: string): PortHolder {
  const field = (letter: string): string | undefined =>
    output
      .split('\n')
      .find((line) => line.startsWith(letter))
      ?.slice(1)
      .trim();
  const pid = Number(field('p'));
  return pid > 0 ? { pid, program: field('c') || undefined } : { pid: undefined, program: undefined };
}

/** The word for the state is translated on Windows; a listener is known by its foreign port 0 instead. */
export function parseNetstat(output: string, port: number): number | undefined {
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(
    ([protocol, local, foreign]) => protocol === 'TCP' && local?.endsWith(`:${port}`) && foreign?.endsWith(':0'),
  );
  const pid = Number(row?.at(-1));
  return pid > 0 ? pid : undefined;
}
