import { useEffect, useState, type ReactNode } from 'react';

import { copyText } from './copy-text.ts';
import { Icon } from './Icon.tsx';

const SHOWN_MS = 2_000;

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  readonly quiet?: boolean;
}

/** Copies, and says so where the finger is. */
export function CopyButton({ text, label, quiet = false }: CopyButtonProps): ReactNode {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => setOutcome((await copyText(text)) ? 'copied' : 'refused');
  const said = outcome === 'copied' ? 'Copied' : 'Not copied';
  return (
    <button type="button" className={quiet ? 'btn quiet' : 'btn'} title={text} onClick={() => void copy()}>
      {quiet ? <Icon name="copy" /> : undefined}
      {outcome === undefined ? label : said}
      <span className="sr" role="status">
        {outcome === undefined ? '' : said}
      </span>
    </button>
  );
}
