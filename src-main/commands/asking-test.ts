import type { TestStepResult } from '../contract/connection-test.ts';
import { testConnection, type ConnectionTestOptions } from '../supervisor/connection-test.ts';
import type { NodeSurroundings } from './surroundings.ts';
import type { Terminal } from './terminal.ts';
import { TypedAnswers } from './typed-answers.ts';

type Tell = (result: TestStepResult) => void;

/**
 * A test on a terminal where somebody sits: what signing in needs is asked for, and then the way is gone once more, for
 * as long as the person answers. Each step is told once.
 */
export async function askingTest(
  options: ConnectionTestOptions,
  { terminal, around, tell }: { readonly terminal: Terminal; readonly around: NodeSurroundings; readonly tell: Tell },
): Promise<readonly TestStepResult[]> {
  let decided = Promise.withResolvers<boolean>();
  let isAnswered = false;
  const typed = new TypedAnswers({
    terminal,
    around,
    onQuestion: () => {},
    onAnswered: () => {
      isAnswered = true;
      decided.resolve(true);
    },
    onGivenUp: () => decided.resolve(false),
  });
  const log = around.log.child('test');
  let toldWell = 0;
  try {
    for (;;) {
      decided = Promise.withResolvers();
      isAnswered = false;
      let passed = 0;
      const onStep: Tell = (result) => {
        if (result.status !== 'ok') return;
        passed += 1;
        if (passed > toldWell) tell(result);
        toldWell = Math.max(toldWell, passed);
      };
      const results = await testConnection(options, { ...around, log, answers: typed.signIn, onStep });
      const isWell = results.every(({ cause }) => cause === undefined);
      if (!isWell && (isAnswered || (typed.isOpen && (await decided.promise)))) continue;
      for (const result of results.slice(toldWell)) tell(result);
      return results;
    }
  } finally {
    typed.close();
  }
}
