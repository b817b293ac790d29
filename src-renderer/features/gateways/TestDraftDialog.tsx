import { useCallback, useState, type ReactNode } from 'react';

import type { NewGateway } from '../../../src-main/contract/calls.ts';
import { testPlan } from '../../../src-main/contract/connection-test.ts';
import { describeError, type ErrorCode, type ErrorInfo } from '../../../src-main/contract/errors.ts';
import { CompareHostKeysDialog, TrustHostKeyDialog } from '../repair/HostKeyDialogs.tsx';
import { TestDialog, type TestFix } from '../repair/TestDialog.tsx';
import type { FormField } from './gateway-form.ts';

interface TestDraftDialogProps {
  readonly gateway: NewGateway;
  readonly token: string | undefined;
  /** Goes back to the form, to the field that has to change. */
  readonly onChange: (field: FormField) => void;
  readonly onClose: () => void;
}

/** The test of a gateway that is not in the list yet: what it finds is mended in the form, or in a question. */
export function TestDraftDialog({ gateway, token, onChange, onClose }: TestDraftDialogProps): ReactNode {
  const [asked, setAsked] = useState<ErrorInfo>();
  const close = useCallback(() => setAsked(undefined), []);
  const fixFor = (cause: ErrorInfo): TestFix | undefined => {
    if (cause.code === 'ssh/host-key-unknown')
      return { label: 'Compare the fingerprint', onFix: () => setAsked(cause) };
    if (cause.code === 'ssh/host-key-changed') return { label: 'Compare the keys', onFix: () => setAsked(cause) };
    const field = fieldToChange(cause, gateway.kind);
    return field && { label: LABELS[field] ?? 'Change it', onFix: () => onChange(field) };
  };
  return (
    <>
      <TestDialog
        name={gateway.name}
        of={{ gateway, ...(token !== undefined && { token }) }}
        plan={testPlan(gateway.kind, gateway.kind === 'direct' ? gateway.url : undefined)}
        fixFor={fixFor}
        onClose={onClose}
      />
      {asked?.code === 'ssh/host-key-unknown' ? (
        <TrustHostKeyDialog owner={{ gateway }} cause={asked} onClose={close} />
      ) : undefined}
      {asked?.code === 'ssh/host-key-changed' ? (
        <CompareHostKeysDialog owner={{ gateway }} cause={asked} onClose={close} />
      ) : undefined}
    </>
  );
}

const LABELS: Readonly<Partial<Record<FormField, string>>> = {
  target: 'Change the computer',
  url: 'Change the address',
  identityFile: 'Choose another key',
  remotePort: 'Change the port',
  token: 'Enter the token',
};

const FIELDS: Readonly<Partial<Record<ErrorCode, FormField>>> = {
  'ssh/forward-refused': 'remotePort',
  'ssh/target-invalid': 'target',
  'ssh/host-unknown': 'target',
  'ssh/host-unreachable': 'target',
  'gateway/unreachable': 'url',
  'gateway/insecure-url': 'url',
};

function fieldToChange(cause: ErrorInfo, kind: NewGateway['kind']): FormField | undefined {
  const { action } = describeError(cause);
  if (action === 'choose-identity') return 'identityFile';
  if (action === 'enter-token') return 'token';
  if (cause.code === 'gateway/not-a-gateway') return kind === 'ssh' ? 'remotePort' : 'url';
  return FIELDS[cause.code];
}
