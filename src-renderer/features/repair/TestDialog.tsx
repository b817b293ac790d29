import type { ReactNode } from 'react';

import {
  nextAfterTest,
  STEP_NAMES,
  type TestReport,
  type TestStep,
  type TestSubject,
} from '../../../src-main/contract/connection-test.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Glyph, type GlyphName } from '../../ui/Glyph.tsx';
import { latency } from '../../ui/latency-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { failedStep, testRows, testSentence, type TestRow } from './test-words.ts';
import { useConnectionTest, type TestView } from './use-connection-test.ts';

/** The one button that fixes what a test has found. */
export interface TestFix {
  readonly label: string;
  readonly onFix: () => void;
}

interface TestDialogProps {
  readonly name: string;
  readonly of: TestSubject;
  readonly plan: readonly TestStep[];
  readonly fixFor: (cause: ErrorInfo) => TestFix | undefined;
  readonly onClose: () => void;
}

type Told = Omit<TestReport, 'run'>;

/** Goes the whole way to a gateway before the eyes of a person: step by step, with times, and the fix at hand. */
export function TestDialog({ name, of, plan, fixFor, onClose }: TestDialogProps): ReactNode {
  const { view, isRunning, start, cancel } = useConnectionTest(of);
  const told = reportOf(view, plan);
  const cause = told.status === 'running' ? undefined : failedStep(told)?.cause;
  const fix = cause === undefined ? undefined : fixFor(cause);
  return (
    <Dialog
      title={`Test the connection to ${name}`}
      sentence={
        <span role="status">{view.status === 'failed' ? 'The test could not begin.' : testSentence(told)}</span>
      }
      glyph={glyphOf(view, told)}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={isRunning ? cancel : start}>
            {isRunning ? 'Stop the test' : 'Test again'}
          </button>
          <button type="button" className={fix === undefined ? 'btn primary' : 'btn'} data-first="" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <Steps rows={testRows(told)} />
      {cause === undefined ? undefined : (
        <Notice error={cause} next={nextAfterTest(cause)}>
          {fix === undefined ? undefined : (
            <button type="button" className="btn primary" onClick={fix.onFix}>
              {fix.label}
            </button>
          )}
        </Notice>
      )}
      {view.status === 'failed' ? <Notice error={view.error} /> : undefined}
    </Dialog>
  );
}

function reportOf(view: TestView, plan: readonly TestStep[]): Told {
  if (view.status === 'told') return view.report;
  return { status: view.status === 'starting' ? 'running' : 'cancelled', plan, results: [] };
}

function glyphOf(view: TestView, told: Told): GlyphName {
  if (view.status === 'failed' || failedStep(told) !== undefined) return 'failed';
  if (told.status === 'running') return 'connecting';
  return told.status === 'done' ? 'connected' : 'off';
}

function Steps({ rows }: { readonly rows: readonly TestRow[] }): ReactNode {
  return (
    <ol className="steps" aria-label="Steps">
      {rows.map(({ step, glyph, word, result }) => (
        <li key={step} data-s={GLYPH_STATE[glyph] ?? 'off'}>
          <Glyph name={glyph} />
          <span className="step">
            <b>{STEP_NAMES[step]}</b>
            <span className="sr">, {word}</span>
          </span>
          <span className="found">{result?.status === 'failed' ? 'failed' : result?.found}</span>
          <span className="ms">{result?.ms === undefined ? '' : latency(result.ms)}</span>
        </li>
      ))}
    </ol>
  );
}

const GLYPH_STATE: Readonly<Partial<Record<GlyphName, string>>> = {
  connected: 'connected',
  failed: 'failed',
  connecting: 'connecting',
};
