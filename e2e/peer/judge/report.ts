import type { Compared } from './compare.ts';
import { EXPLAINED } from './explained.ts';

export const keyOf = ({ area, scenario }: Compared): string => `${area}: ${scenario}`;

export const isSame = ({ real, ours }: Compared): boolean => real === ours;

/** `docs/protocol-compatibility.md`: how many scenarios agree, by area, and every difference with its reason. */
export function report(rows: readonly Compared[]): string {
  const areas = [...new Set(rows.map(({ area }) => area))];
  const counts = areas.map((area) => {
    const of = rows.filter((row) => row.area === area);
    return `| ${area} | ${of.length} | ${of.filter(isSame).length} |`;
  });
  const differences = rows.filter((row) => !isSame(row)).map(describe);
  return `${[
    '# Our gateway beside the real one',
    '',
    'Written by `npm run test:peer`, which runs one scripted client against the real OpenClaw gateway (2026.9.6) and',
    'against ours and compares what each answers: codes, details, scopes and closes. Sentences for people may differ.',
    '',
    '| Area | Scenarios | The same |',
    '| --- | --- | --- |',
    ...counts,
    '',
    '## Differences',
    '',
    ...differences,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function describe(row: Compared): string {
  const why = EXPLAINED[keyOf(row)] ?? '**Not explained.**';
  const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
  return `### ${keyOf(row)}\n\n${why}\n\n- Real: ${quoted(row.real)}\n- Ours: ${quoted(row.ours)}\n`;
}
