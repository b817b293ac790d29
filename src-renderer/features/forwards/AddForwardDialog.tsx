import { useRef, useState, type ReactNode } from 'react';

import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { sentenceOf } from '../repair/FieldDialog.tsx';
import { checkForward, type ForwardField, type ForwardProblems, type ForwardValues } from './forward-form.ts';

interface AddForwardDialogProps {
  readonly gateway: GatewayView;
  readonly onClose: () => void;
}

export function AddForwardDialog({ gateway, onClose }: AddForwardDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const [problems, setProblems] = useState<ForwardProblems>({});
  const box = useRef<HTMLDivElement>(null);
  const submit = async (): Promise<void> => {
    const checked = checkForward(valuesOf(box.current));
    setProblems(checked.ok ? {} : checked.problems);
    if (!checked.ok) return;
    const result = await ask('gateway.add-forward', { id: gateway.id, forward: checked.forward });
    if (result.ok) onClose();
  };
  const refused = error === undefined ? undefined : sentenceOf(error);
  const field = (name: ForwardField, numeric: boolean) => ({
    name,
    problem: problems[name] ?? (name === 'localPort' ? refused : undefined),
    input: { inputMode: numeric ? ('numeric' as const) : undefined, onInput: () => setProblems({}) },
  });
  return (
    <Dialog
      title={`Another port of ${gateway.name}`}
      sentence="It uses the same SSH connection. Only programs on this computer can reach it."
      glyph="info"
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={busy}>
            Add port
          </button>
        </>
      }
    >
      <div className="stack s4" ref={box}>
        <Field {...field('remotePort', true)} first label="Port there" />
        <Field
          {...field('remoteHost', false)}
          label="Host there, optional"
          help={`As ${gateway.name} sees it. Otherwise ${gateway.name} itself.`}
        />
        <Field {...field('localPort', true)} label="Port on this computer, optional" help="Otherwise the same one." />
      </div>
    </Dialog>
  );
}

function valuesOf(box: HTMLElement | null): ForwardValues {
  const value = (name: ForwardField): string =>
    box?.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value.trim() ?? '';
  return { localPort: value('localPort'), remoteHost: value('remoteHost'), remotePort: value('remotePort') };
}
