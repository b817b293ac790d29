import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';

import { canBeKept, fieldsOf, type SignInQuestion } from '../../../src-main/contract/question.ts';
import type { GatewayView, Snapshot } from '../../../src-main/contract/snapshot.ts';
import { useAsk } from '../../stores/app-context.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { moment } from '../../ui/time-text.ts';
import { sentenceOf } from '../repair/FieldDialog.tsx';
import { isBeingTried, openQuestion, type Answered } from './open-question.ts';
import { missing, questionText } from './question-text.ts';

/** Opens by itself when a line asks, one question at a time. */
export function SignInDialogs({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const [answered, setAnswered] = useState<Answered>();
  const open = openQuestion(snapshot, answered);
  if (answered !== undefined && !isBeingTried(snapshot, answered)) setAnswered(undefined);
  const hide = useCallback(() => setAnswered(undefined), []);
  if (open === undefined) return undefined;
  const { gateway, question, isAnswered } = open;
  return (
    <SignInDialog
      // Not of the question: a wrong answer must not take the dialog away from under the person's hands.
      key={gateway.id}
      gateway={gateway}
      question={question}
      isAnswered={isAnswered}
      onAnswered={() => setAnswered({ gateway: gateway.id, question })}
      onHide={hide}
    />
  );
}

interface SignInDialogProps {
  readonly gateway: GatewayView;
  readonly question: SignInQuestion;
  readonly isAnswered: boolean;
  readonly onAnswered: () => void;
  readonly onHide: () => void;
}

function SignInDialog({ gateway, question, isAnswered, onAnswered, onHide }: SignInDialogProps): ReactNode {
  const { busy, error, ask } = useAsk();
  const [problem, setProblem] = useState<string>();
  const fields = useFreshFields(question.id, setProblem);
  const { id } = gateway;
  const isBusy = busy || isAnswered;
  const give = async (): Promise<void> => {
    if (isBusy) return;
    const { answers, remember } = valuesOf(fields.current);
    const found = missing(question, answers);
    setProblem(found);
    if (found !== undefined) return;
    const result = await ask('gateway.answer', { id, questionId: question.id, answers, remember });
    if (result.ok) onAnswered();
  };
  const cancel = useCallback((): void => {
    onHide();
    // An answer that is on its way cannot be taken back; the line shows what comes of it.
    if (!isBusy) void ask('gateway.decline', { id, questionId: question.id });
  }, [ask, id, isBusy, onHide, question.id]);
  const text = questionText(question);
  const refused = error === undefined ? undefined : sentenceOf(error);
  return (
    <Dialog
      title={text.title}
      sentence={
        gateway.name.toLowerCase() === question.host.toLowerCase()
          ? text.sentence
          : `For ${gateway.name}. ${text.sentence}`
      }
      glyph="info"
      onClose={cancel}
      onSubmit={() => void give()}
      footer={
        <>
          <button type="button" className="btn" onClick={cancel}>
            Cancel
          </button>
          <button type="submit" className="btn primary" aria-disabled={isBusy}>
            {isBusy ? text.busyVerb : text.verb}
          </button>
        </>
      }
    >
      {question.kind === 'prompts' ? <ServerWords question={question} /> : undefined}
      <div ref={fields} className="stack">
        <Fields
          question={question}
          help={text.help}
          problem={isBusy ? undefined : (problem ?? refused ?? text.problem)}
          onInput={() => setProblem(undefined)}
        />
        {canBeKept(question) ? <RememberBox /> : undefined}
      </div>
    </Dialog>
  );
}

interface FieldsProps {
  readonly question: SignInQuestion;
  /** Both belong to the first field. */
  readonly help: string | undefined;
  readonly problem: string | undefined;
  readonly onInput: () => void;
}

function Fields({ question, help, problem, onInput }: FieldsProps): ReactNode {
  const autoComplete = question.kind === 'prompts' ? 'one-time-code' : 'off';
  return fieldsOf(question).map(({ text, echo }, index) => (
    <Field
      // The prompts of one question never change place, and may read the same.
      // oxlint-disable-next-line react/no-array-index-key
      key={index}
      first={index === 0}
      label={text}
      name="answer"
      help={index === 0 ? help : undefined}
      problem={index === 0 ? problem : undefined}
      input={{ type: echo ? 'text' : 'password', autoComplete, onInput }}
    />
  ));
}

function RememberBox(): ReactNode {
  return (
    <label className="check">
      <input type="checkbox" name="remember" />
      <span>
        Remember it
        <span className="meta">With the other secrets of this computer: in its keychain, where it has one.</span>
      </span>
    </label>
  );
}

/** What the server wrote, set off as its words, and how long it waits. */
function ServerWords({ question }: { readonly question: Extract<SignInQuestion, { kind: 'prompts' }> }): ReactNode {
  const { host, title, instruction, askedAtMs, expiresAtMs } = question;
  return (
    <div className="said">
      {title === '' && instruction === '' ? undefined : (
        <figure>
          <figcaption className="meta">{host} says</figcaption>
          <blockquote>
            {title === '' ? undefined : <b>{title}</b>}
            {instruction === '' ? undefined : <p>{instruction}</p>}
          </blockquote>
        </figure>
      )}
      <p className="meta">It waits for the answer until {moment(expiresAtMs, askedAtMs, 'seconds')}.</p>
    </div>
  );
}

/** Empties the fields for each new question and begins at the first. */
function useFreshFields(questionId: string, setProblem: (problem: undefined) => void) {
  const fields = useRef<HTMLDivElement>(null);
  const shown = useRef(questionId);
  useEffect(() => {
    if (shown.current === questionId) return;
    shown.current = questionId;
    setProblem(undefined);
    for (const input of answerInputs(fields.current)) input.value = '';
    fields.current?.querySelector<HTMLElement>('[data-first]')?.focus();
  }, [questionId, setProblem]);
  return fields;
}

function valuesOf(fields: HTMLElement | null) {
  return {
    answers: answerInputs(fields).map(({ value }) => value),
    remember: fields?.querySelector<HTMLInputElement>('input[name="remember"]')?.checked ?? false,
  };
}

function answerInputs(fields: HTMLElement | null): readonly HTMLInputElement[] {
  return [...(fields?.querySelectorAll<HTMLInputElement>('input[name="answer"]') ?? [])];
}
