import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from 'react';

import { Glyph, type GlyphName } from './Glyph.tsx';

interface DialogProps {
  readonly title: string;
  readonly sentence: ReactNode;
  readonly glyph: GlyphName;
  readonly onClose: () => void;
  readonly onSubmit?: () => void;
  readonly children?: ReactNode;
  /** Buttons, the safe one marked with `data-first`, where the focus begins. */
  readonly footer: ReactNode;
}

/** A modal question. The browser's own dialog traps the focus, closes on Escape and gives the focus back. */
export function Dialog({ title, sentence, glyph, onClose, onSubmit, children, footer }: DialogProps): ReactNode {
  const dialog = useModal(onClose);
  const id = useId();
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-title`} aria-describedby={`${id}-sentence`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
        noValidate
      >
        <header>
          <Glyph name={glyph} size="lg" state={GLYPH_STATE[glyph] ?? 'off'} />
          <div>
            <h2 id={`${id}-title`}>{title}</h2>
            <p id={`${id}-sentence`}>{sentence}</p>
          </div>
        </header>
        {children}
        <footer>{footer}</footer>
      </form>
    </dialog>
  );
}

const GLYPH_STATE: Readonly<Partial<Record<GlyphName, string>>> = {
  connected: 'connected',
  connecting: 'connecting',
  failed: 'failed',
  warn: 'waiting',
  info: 'connecting',
};

function useModal(onClose: () => void): React.RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const cancel = (event: Event): void => {
      // The owner removes the dialog; closing it here as well would fire `close` on an element that is gone.
      event.preventDefault();
      onClose();
    };
    shown?.addEventListener('cancel', cancel);
    return () => shown?.removeEventListener('cancel', cancel);
  }, [onClose]);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      // Closed before it leaves the page, so that the focus goes back to where it came from.
      shown?.close();
      requestAnimationFrame(focusPageIfLost);
    };
  }, []);
  return dialog;
}

/** What opened the dialog may be gone, because the dialog fixed it. */
function focusPageIfLost(): void {
  if (document.activeElement === document.body) document.querySelector('main')?.focus();
}
