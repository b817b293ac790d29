import {
  STEP_NAMES,
  type TestReport,
  type TestStep,
  type TestStepResult,
} from '../../../src-main/contract/connection-test.ts';
import { describeError } from '../../../src-main/contract/errors.ts';
import type { GlyphName } from '../../ui/Glyph.tsx';
import { latency } from '../../ui/latency-text.ts';

/** One row of a test: a step that has ended, the one being taken, or one that is still to come. */
export interface TestRow {
  readonly step: TestStep;
  readonly glyph: GlyphName;
  /** The state as a word, for those who do not see the shape. */
  readonly word: string;
  readonly result: TestStepResult | undefined;
}

const ENDED: Readonly<Record<TestStepResult['status'], Pick<TestRow, 'glyph' | 'word'>>> = {
  ok: { glyph: 'connected', word: 'well' },
  failed: { glyph: 'failed', word: 'failed' },
  skipped: { glyph: 'off', word: 'not tried' },
};

export function testRows({ plan, results, status }: Omit<TestReport, 'run'>): readonly TestRow[] {
  return plan.map((step, index) => {
    const result = results[index];
    if (result !== undefined) return { step, result, ...ENDED[result.status] };
    const isCurrent = status === 'running' && index === results.length;
    return { step, result, glyph: isCurrent ? 'connecting' : 'unreached', word: isCurrent ? 'under way' : 'to come' };
  });
}

export function failedStep({ results }: Pick<TestReport, 'results'>): TestStepResult | undefined {
  return results.find(({ cause }) => cause !== undefined);
}

/** How a test went, in one sentence. */
export function testSentence(report: Omit<TestReport, 'run'>): string {
  if (report.status === 'running') return 'Every step is taken once, on a connection of its own.';
  if (report.status === 'cancelled') return 'The test was stopped. Nothing was left open.';
  const failed = failedStep(report);
  if (failed?.cause !== undefined)
    return `The way ends at ${STEP_NAMES[failed.step]}: ${describeError(failed.cause).title}.`;
  const well = report.results.filter(({ status }) => status === 'ok');
  const tookMs = well.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const took = tookMs > 0 ? ` in ${latency(tookMs)}` : '';
  const skipped = report.results.find(({ status }) => status === 'skipped');
  return skipped === undefined
    ? `The whole way is well: ${well.length} steps${took}.`
    : `Well as far as it was tried, ${well.length} steps${took}: ${skipped.found}.`;
}
