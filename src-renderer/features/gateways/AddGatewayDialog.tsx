import { useCallback, useRef, useState, type ReactNode } from 'react';

import { Choice } from '../../ui/Choice.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { USUAL_PORT, type FormField, type FormKind, type FormValues } from './gateway-form.ts';
import { TestDraftDialog } from './TestDraftDialog.tsx';
import { useAddGateway, type Draft } from './use-add-gateway.ts';

export function AddGatewayDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [kind, setKind] = useState<FormKind>('ssh');
  const { busy, problems, forget, toTest, add } = useAddGateway(onClose);
  const [draft, setDraft] = useState<Draft>();
  const closeTest = useCallback(() => setDraft(undefined), []);
  const fields = useRef<HTMLDivElement>(null);
  const field = (name: FormField) => ({ name, problem: problems[name], input: { onInput: () => forget(name) } });
  const submit = async (): Promise<void> => {
    await add(kind, valuesOf(fields.current), isChecked(fields.current, 'connect'));
    focusProblem(fields.current);
  };
  const test = (): void => {
    setDraft(toTest(kind, valuesOf(fields.current)));
    focusProblem(fields.current);
  };
  const change = (name: FormField): void => {
    closeTest();
    requestAnimationFrame(() => inputOf(fields.current, name)?.focus());
  };
  return (
    <>
      <Dialog
        title="Add a gateway"
        sentence="It gets a line of its own. Nothing is changed on the other computer."
        glyph="info"
        onClose={onClose}
        onSubmit={() => void submit()}
        footer={<Footer busy={busy} onTest={test} onClose={onClose} />}
      >
        <div className="stack s4" ref={fields}>
          <FormFields kind={kind} field={field} onChoose={setKind} />
        </div>
      </Dialog>
      {draft === undefined ? undefined : <TestDraftDialog {...draft} onChange={change} onClose={closeTest} />}
    </>
  );
}

interface FooterProps {
  readonly busy: boolean;
  readonly onTest: () => void;
  readonly onClose: () => void;
}

function Footer({ busy, onTest, onClose }: FooterProps): ReactNode {
  return (
    <>
      <span className="left">
        <button type="button" className="btn quiet" onClick={onTest}>
          Test connection
        </button>
      </span>
      <button type="button" className="btn" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" className="btn primary" disabled={busy}>
        Add gateway
      </button>
    </>
  );
}

function FormFields({
  kind,
  field,
  onChoose,
}: FieldsProps & { readonly kind: FormKind; readonly onChoose: (kind: FormKind) => void }): ReactNode {
  return (
    <>
      <KindChoice kind={kind} onChoose={onChoose} />
      <Field {...field('name')} first label="Name" help="How you call that computer." />
      {kind === 'ssh' ? <SshFields field={field} /> : <DirectFields field={field} />}
      <Field
        {...field('token')}
        label="Token or password, optional"
        help="Kept with the secrets of this computer. It can be given later."
        input={{ ...field('token').input, type: 'password' }}
      />
      <label className="check">
        <input type="checkbox" name="connect" defaultChecked />
        <span>Connect to it now</span>
      </label>
    </>
  );
}

/** In the next frame, when the problem is drawn beside its field. */
function focusProblem(fields: HTMLElement | null): void {
  requestAnimationFrame(() => fields?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function KindChoice({
  kind,
  onChoose,
}: {
  readonly kind: FormKind;
  readonly onChoose: (kind: FormKind) => void;
}): ReactNode {
  return (
    <fieldset className="seg">
      <legend className="sr">How it is reached</legend>
      <label>
        <input type="radio" name="kind" checked={kind === 'ssh'} onChange={() => onChoose('ssh')} />
        <Icon name="far" />
        <span>Over SSH</span>
      </label>
      <label>
        <input type="radio" name="kind" checked={kind === 'direct'} onChange={() => onChoose('direct')} />
        <Icon name="address" />
        <span>At an address</span>
      </label>
    </fieldset>
  );
}

interface FieldsProps {
  readonly field: (name: FormField) => {
    readonly name: FormField;
    readonly problem: string | undefined;
    readonly input: { readonly onInput: () => void };
  };
}

function SshFields({ field }: FieldsProps): ReactNode {
  const port = field('remotePort');
  return (
    <>
      <div className="fields">
        <Field {...field('target')} label="Computer" help="As you would type it for ssh: user@host or an alias." />
        <Field
          {...port}
          label="Gateway port there"
          input={{ ...port.input, defaultValue: USUAL_PORT, inputMode: 'numeric' }}
        />
      </div>
      <Field
        {...field('identityFile')}
        label="Private key file, optional"
        help="Otherwise your SSH configuration and agent are used."
      />
      <details className="more">
        <summary>Advanced</summary>
        <Choice
          label="SSH engine"
          name="engine"
          help="The system’s ssh can also use a ProxyCommand, keys with a button and certificates, and takes longer to reconnect."
          options={[
            { value: 'built-in', text: 'Gangway’s own' },
            { value: 'system-ssh', text: 'The system’s ssh' },
          ]}
        />
      </details>
    </>
  );
}

function DirectFields({ field }: FieldsProps): ReactNode {
  const url = field('url');
  return (
    <>
      <Field
        {...url}
        label="Address"
        help="wss://host:port. Plain ws:// is for this computer only, unless its network is trusted."
        input={{ ...url.input, inputMode: 'url' }}
      />
      <details className="more">
        <summary>Advanced</summary>
        <label className="check">
          <input type="checkbox" name="trustedNetwork" onChange={url.input.onInput} />
          <span>
            It is in a private network that I trust: reach it without encryption
            <br />
            <span className="meta">
              Whoever is in that network could read the token. Never used for public addresses.
            </span>
          </span>
        </label>
      </details>
    </>
  );
}

function inputOf(fields: HTMLElement | null, name: FormField): HTMLInputElement | HTMLSelectElement | null {
  return fields?.querySelector<HTMLInputElement | HTMLSelectElement>(`.input[name="${name}"]`) ?? null;
}

function valuesOf(fields: HTMLElement | null): FormValues {
  const value = (name: FormField): string => inputOf(fields, name)?.value.trim() ?? '';
  return {
    name: value('name'),
    target: value('target'),
    remotePort: value('remotePort'),
    identityFile: value('identityFile'),
    engine: value('engine'),
    url: value('url'),
    trustedNetwork: isChecked(fields, 'trustedNetwork') ? 'yes' : '',
    token: value('token'),
  };
}

function isChecked(fields: HTMLElement | null, name: string): boolean {
  return fields?.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.checked ?? false;
}
