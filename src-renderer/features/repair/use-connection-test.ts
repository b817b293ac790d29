import { useCallback, useEffect, useRef, useState } from 'react';

import type { TestReport, TestSubject } from '../../../src-main/contract/connection-test.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import { useApp } from '../../stores/app-context.ts';
import { safeCall } from '../../stores/safe-call.ts';

/** What a test shows: how far it has come, or why it could not even begin. */
export type TestView =
  | { readonly status: 'starting' }
  | { readonly status: 'told'; readonly report: TestReport }
  | { readonly status: 'failed'; readonly error: ErrorInfo };

export interface ConnectionTest {
  readonly view: TestView;
  readonly isRunning: boolean;
  /** Begins anew. */
  readonly start: () => void;
  readonly cancel: () => void;
}

/** Tests a gateway as soon as it is shown, and stops when it no longer is. */
export function useConnectionTest(of: TestSubject): ConnectionTest {
  const { bridge } = useApp();
  const [view, setView] = useState<TestView>({ status: 'starting' });
  const subject = useRef(of);
  const current = useRef<string>(undefined);
  const cancel = useCallback(() => {
    const run = current.current;
    if (run !== undefined) void safeCall(bridge, 'test.cancel', { run });
  }, [bridge]);
  const begin = useCallback(() => {
    cancel();
    const run = crypto.randomUUID();
    current.current = run;
    void safeCall(bridge, 'test.run', { run, of: subject.current }).then((result) => {
      if (current.current !== run) return;
      current.current = undefined;
      setView(result.ok ? { status: 'told', report: result.value } : { status: 'failed', error: result.error });
    });
  }, [bridge, cancel]);
  const start = useCallback(() => {
    setView({ status: 'starting' });
    begin();
  }, [begin]);
  useEffect(() => {
    // Listens first: a step may end before the call has an answer.
    const unsubscribe = bridge.listen('test.progressed', (report) => {
      if (report.run === current.current && report.status === 'running') setView({ status: 'told', report });
    });
    begin();
    return () => {
      unsubscribe();
      cancel();
      current.current = undefined;
    };
  }, [bridge, begin, cancel]);
  const isRunning = view.status === 'starting' || (view.status === 'told' && view.report.status === 'running');
  return { view, isRunning, start, cancel };
}
