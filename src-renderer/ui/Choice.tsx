import { useId, type ReactNode } from 'react';

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly help: ReactNode;
  /** The first one is chosen. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** A labelled list of which one is chosen, with help. */
export function Choice({ label, name, help, options }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} name={name} className="input" aria-describedby={`${id}-help`}>
        {options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <span className="help" id={`${id}-help`}>
        {help}
      </span>
    </div>
  );
}
