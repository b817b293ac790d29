import { useRef, useState } from 'react';

import type { NewGateway } from '../../../src-main/contract/calls.ts';
import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayId } from '../../../src-main/contract/snapshot.ts';
import { useAct, useAsk } from '../../stores/app-context.ts';
import { sentenceOf } from '../repair/FieldDialog.tsx';
import {
  checkForm,
  fieldOf,
  type FormField,
  type FormKind,
  type FormProblems,
  type FormValues,
} from './gateway-form.ts';

/** A gateway that is not in the list yet. */
export interface Draft {
  readonly gateway: NewGateway;
  readonly token: string | undefined;
}

export interface AddGateway {
  readonly busy: boolean;
  readonly problems: FormProblems;
  readonly forget: (field: FormField) => void;
  /** What was typed, as a gateway that can be tested; it needs no name for that. Else the problems are shown. */
  readonly toTest: (kind: FormKind, values: FormValues) => Draft | undefined;
  /** Adds it, stores its token, and connects when asked to. */
  readonly add: (kind: FormKind, values: FormValues, connect: boolean) => Promise<void>;
}

/** Adding takes up to three calls. One that failed is made again alone: nothing is added twice. */
export function useAddGateway(onDone: () => void): AddGateway {
  const { busy, ask } = useAsk();
  const act = useAct();
  const added = useRef<GatewayId>(undefined);
  const [problems, setProblems] = useState<FormProblems>({});
  const refuse = (field: FormField, error: ErrorInfo): void => setProblems({ [field]: sentenceOf(error) });
  const add: AddGateway['add'] = async (kind, values, connect) => {
    const checked = checkForm(kind, values);
    if (!checked.ok) return setProblems(checked.problems);
    setProblems({});
    if (added.current === undefined) {
      const result = await ask('gateway.add', checked.gateway);
      if (!result.ok) return refuse(fieldOf(result.error, kind), result.error);
      added.current = result.value.id;
    }
    const id = added.current;
    if (checked.token !== undefined) {
      const result = await ask('gateway.set-token', { id, token: checked.token });
      if (!result.ok) return refuse('token', result.error);
    }
    if (connect) await act('gateway.use', { id });
    onDone();
  };
  const toTest: AddGateway['toTest'] = (kind, values) => {
    const name =
      [values.name, values.target, values.url].find((text) => text !== '')?.slice(0, 60) ?? 'the new gateway';
    const checked = checkForm(kind, { ...values, name });
    setProblems(checked.ok ? {} : checked.problems);
    return checked.ok ? { gateway: checked.gateway, token: checked.token } : undefined;
  };
  const forget = (field: FormField): void => setProblems(({ [field]: _gone, ...rest }) => rest);
  return { busy, problems, forget, toTest, add };
}
