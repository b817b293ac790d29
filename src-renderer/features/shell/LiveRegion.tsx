import { useEffect, useRef, useState, type ReactNode } from 'react';

import { Announcer } from './announcer.ts';

/** Reads changes of state aloud, politely and not too often. Countdowns are not part of the text. */
export function LiveRegion({ text }: { readonly text: string }): ReactNode {
  const [said, say] = useState('');
  const announcer = useRef<Announcer>(undefined);
  const first = useRef(text);
  useEffect(() => {
    const made = new Announcer({ now: () => Date.now(), after: later, say }, first.current);
    announcer.current = made;
    return () => made.close();
  }, []);
  useEffect(() => announcer.current?.announce(text), [text]);
  return (
    <div className="sr" role="status" aria-live="polite" aria-label="Changes of state">
      {said}
    </div>
  );
}

function later(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}
