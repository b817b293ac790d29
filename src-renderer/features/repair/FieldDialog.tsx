import { useRef, useState, type InputHTMLAttributes, type ReactNode } from 'react';

import { describeError, type ErrorInfo } from '../../../src-main/contract/errors.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';

interface FieldDialogProps {
  readonly title: string;
  readonly sentence: string;
  readonly label: string;
  readonly help: string;
  /** The verb on the button. */
  readonly verb: string;
  readonly input?: InputHTMLAttributes<HTMLInputElement>;
  readonly busy: boolean;
  readonly error: ErrorInfo | undefined;
  /** Why a value cannot be used; asked before `onGive`. */
  readonly check: (value: string) => string | undefined;
  readonly onGive: (value: string) => void;
  readonly onClose: () => void;
}

/** A dialog that asks for one thing. */
export function FieldDialog(props: FieldDialogProps): ReactNode {
  const { title, sentence, label, help, verb, input, busy, error, check, onGive, onClose } = props;
  const [problem, setProblem] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const give = (): void => {
    const value = box.current?.querySelector('input')?.value.trim() ?? '';
    const found = check(value);
    setProblem(found);
    if (found === undefined) onGive(value);
  };
  const refused = error === undefined ? undefined : sentenceOf(error);
  return (
    <Dialog
      title={title}
      sentence={sentence}
      glyph="info"
      onClose={onClose}
      onSubmit={give}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={busy}>
            {verb}
          </button>
        </>
      }
    >
      <div ref={box}>
        <Field
          first
          label={label}
          name="value"
          help={help}
          problem={problem ?? refused}
          input={{ ...input, onInput: () => setProblem(undefined) }}
        />
      </div>
    </Dialog>
  );
}

/** What a call said, short enough to stand below a field. */
export function sentenceOf(error: ErrorInfo): string {
  if (error.code === 'app/input-invalid') return `${error.params.problem}.`;
  const { title, next } = describeError(error);
  return `${title}. ${next}`;
}
