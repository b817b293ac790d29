import type { ReactNode } from 'react';

import { askedFor, type SignInQuestion } from '../../../src-main/contract/question.ts';
import { Glyph } from '../../ui/Glyph.tsx';

interface AsksCardProps {
  readonly name: string;
  readonly question: SignInQuestion;
}

/** What stands behind the dialog: why nothing goes on. */
export function AsksCard({ name, question }: AsksCardProps): ReactNode {
  return (
    <section className="card down" aria-labelledby="down" data-s="asks">
      <Glyph name="asks" size="xl" />
      <div className="stack s2">
        <h2 id="down">
          {name} asks for {askedFor(question)}
        </h2>
        <p className="soft">The line goes on as soon as it is answered, and never by itself.</p>
      </div>
    </section>
  );
}
