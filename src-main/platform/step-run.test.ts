import { expect, it } from 'vitest';

import { fail } from '../contract/errors.ts';
import { StepRun, type StepResult } from './step-run.ts';

type Step = 'one' | 'two' | 'three';

function recorded(): { readonly steps: StepRun<Step>; readonly results: StepResult<Step>[] } {
  const results: StepResult<Step>[] = [];
  return { steps: new StepRun(['one', 'two', 'three'], (result) => results.push(result)), results };
}

it('tells the failure of a step with its cause and skips the others', () => {
  const { steps, results } = recorded();
  steps.passed('well', 0);
  steps.failed(fail('gateway/silent', { url: 'ws://here' }));
  expect(results).toMatchObject([
    { step: 'one', status: 'ok', ms: 0, found: 'well' },
    { step: 'two', status: 'failed', found: 'The gateway went silent', cause: { code: 'gateway/silent' } },
    { step: 'three', status: 'skipped', ms: undefined },
  ]);
});

it('gives steps that were taken together no time, and all of it to the one that failed', () => {
  const { steps, results } = recorded();
  const elapsedMs = steps.elapsedMs;
  steps.passedUntil('three', 'together');
  steps.failed(new TypeError('odd'));
  expect(results.map(({ status, ms }) => [status, ms === undefined])).toEqual([
    ['ok', true],
    ['ok', true],
    ['failed', false],
  ]);
  expect(results[2]?.ms).toBeGreaterThanOrEqual(elapsedMs);
});

it('says nothing once all steps are told', () => {
  const { steps, results } = recorded();
  steps.passedUntil(undefined, 'all');
  steps.passed('more', 0);
  steps.skipRest('more');
  expect(results).toHaveLength(3);
});
