import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@playwright/test';
import { format, resolveConfig } from 'prettier';

import { REPOSITORY } from '../launch.ts';
import { startCli } from '../support/cli.ts';
import { test } from '../support/fixtures.ts';
import { AREAS, ASKING_AREAS, compare, type Compared } from './judge/compare.ts';
import { EXPLAINED } from './judge/explained.ts';
import { isSame, keyOf, report } from './judge/report.ts';
import { startRealGateway } from './support/real-gateway.ts';

const TOKEN = 'the-token-of-both-gateways-0123456789';
const REPORT = join(REPOSITORY, 'docs/protocol-compatibility.md');

/** What the real gateway serves only when it is told to, and ours always. */
const HTTP = { http: { endpoints: { chatCompletions: { enabled: true } } } };
const ASKING = { nodes: { pairing: { autoApproveLocal: false } } };

test('one script, both gateways: every difference is explained', async ({ home }) => {
  test.setTimeout(600_000);
  const rows: Compared[] = [];
  for (const [areas, config] of [
    [AREAS, HTTP],
    [ASKING_AREAS, ASKING],
  ] as const) {
    const real = await startRealGateway({ token: TOKEN, config });
    try {
      rows.push(...(await beside(real.port, { home, areas, nodes: config === ASKING ? ASKING : {} })));
    } finally {
      await real.stop();
    }
  }
  const differences = rows.filter((row) => !isSame(row));
  await test.info().attach('differences.json', { body: JSON.stringify(differences, undefined, 2) });
  const unexplained = differences.filter((row) => EXPLAINED[keyOf(row)] === undefined);
  expect(unexplained, 'differences without a reason in judge/explained.ts').toEqual([]);
  expect(differences.map(keyOf).toSorted(), 'reasons for what is no difference').toEqual(
    Object.keys(EXPLAINED).toSorted(),
  );

  const text = await format(report(rows), { ...(await resolveConfig(REPORT)), parser: 'markdown' });
  if (process.env['UPDATE_REPORT'] !== undefined) await writeFile(REPORT, text);
  expect(await readFile(REPORT, 'utf8'), 'run again with UPDATE_REPORT=1 to write docs/protocol-compatibility.md').toBe(
    text,
  );
});

interface Beside {
  readonly home: string;
  readonly areas: Parameters<typeof compare>[0];
  readonly nodes: object;
}

async function beside(realPort: number, { home, areas, nodes }: Beside): Promise<readonly Compared[]> {
  const config = { gateway: { auth: { mode: 'token', token: TOKEN }, ...nodes } };
  await writeFile(join(home, 'gateway.json5'), JSON.stringify(config), { mode: 0o600 });
  await using gateway = startCli(['gateway', '--port', '0', '--json'], { home });
  const { port } = await gateway.waitForJson();
  const compared = await compare(areas, {
    real: { port: realPort, token: TOKEN },
    ours: { port: Number(port), token: TOKEN },
  });
  expect(await gateway.stop('SIGTERM')).toBe(0);
  return compared;
}
