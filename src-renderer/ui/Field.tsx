import { useId, type InputHTMLAttributes, type ReactNode } from 'react';

import { Glyph } from './Glyph.tsx';

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly help?: ReactNode;
  /** Why what was typed cannot be used. */
  readonly problem?: string | undefined;
  /** The field in which a dialog begins. */
  readonly first?: boolean;
  readonly input?: Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'name' | 'className'>;
}

/** A labelled input with help and, beside it, what is wrong with it. */
export function Field({ label, name, help, problem, first = false, input }: FieldProps): ReactNode {
  const id = useId();
  const described = [help === undefined ? '' : `${id}-help`, problem === undefined ? '' : `${id}-why`].join(' ').trim();
  return (
    <div className={problem === undefined ? 'field' : 'field bad'}>
      <label htmlFor={id}>{label}</label>
      <input
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...input}
        id={id}
        name={name}
        className="input"
        data-first={first ? '' : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={described === '' ? undefined : described}
      />
      {problem === undefined ? undefined : (
        <span className="why" id={`${id}-why`} role="alert">
          <Glyph name="failed" state="failed" />
          <span>{problem}</span>
        </span>
      )}
      {help === undefined ? undefined : (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
    </div>
  );
}
