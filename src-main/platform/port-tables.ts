import type { PortHolder } from '../contract/errors.ts';

/** @see {@link https://docs.kernel.org/networking/proc_net_tcp.html}: local address, state and inode; 0A is LISTEN. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const ofPort = rows.filter((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16) === port && row[3] === '0A');
  return ofPort.flatMap((row) => row[9] ?? []);
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
