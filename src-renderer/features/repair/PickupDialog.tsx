import { Fragment, useEffect, useState, type ReactNode } from 'react';

import type { CallResult, Pickup, PickupPlan } from '../../../src-main/contract/calls.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp, useAsk } from '../../stores/app-context.ts';
import { safeCall } from '../../stores/safe-call.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { EnterTokenDialog } from './FieldDialogs.tsx';

interface PickupDialogProps {
  readonly gateway: GatewayView;
  readonly what: Pickup;
  readonly onClose: () => void;
  /** Where a person can give the same themselves. */
  readonly onByHand?: () => void;
}

interface PickupWords {
  readonly title: (name: string) => string;
  readonly verb: string;
  readonly sentence: (where: string) => string;
  readonly after: string;
}

const WORDS: Readonly<Record<Pickup, PickupWords>> = {
  token: {
    title: (name) => `Get the token of ${name} over SSH`,
    verb: 'Get the token',
    sentence: (where) => `Gangway runs the first of these ${where}, and the second only if the first knows no token.`,
    after:
      'The token goes straight to the secrets of this computer; it is neither shown nor logged. openclaw also makes a sign-in link for one use there, which nobody gets and which ends after ten minutes.',
  },
  approval: {
    title: (name) => `Approve this computer on ${name}`,
    verb: 'Approve over SSH',
    sentence: (where) => `Gangway runs these ${where}: it looks for its own request there, and approves that one.`,
    after: 'Only the request of this very device is approved. Others that wait are left alone.',
  },
};

/** Gets the token by the programs of the other computer; it can still be entered by hand. */
export function PickupTokenDialog({ gateway, onClose }: Omit<PickupDialogProps, 'what'>): ReactNode {
  const [byHand, setByHand] = useState(false);
  if (byHand) return <EnterTokenDialog gateway={gateway} onClose={onClose} />;
  return <PickupDialog gateway={gateway} what="token" onClose={onClose} onByHand={() => setByHand(true)} />;
}

/** Says exactly what would be run on the other computer, and as whom; runs it once a person agrees. */
export function PickupDialog({ gateway, what, onClose, onByHand }: PickupDialogProps): ReactNode {
  const plan = usePlan(gateway, what);
  const { busy, error, ask } = useAsk();
  const act = useAct();
  const { title, verb, sentence, after } = WORDS[what];
  const leave = (onLeft: () => void) => (): void => {
    if (busy) void act('pickup.cancel', { id: gateway.id });
    onLeft();
  };
  const run = async (): Promise<void> => {
    const result = await ask('pickup.run', { id: gateway.id, what });
    if (result.ok) onClose();
  };
  return (
    <Dialog
      title={title(gateway.name)}
      sentence={
        plan?.ok === true
          ? sentence(`on ${plan.value.host} as ${plan.value.user}`)
          : 'Gangway asks your SSH configuration who signs in where.'
      }
      glyph="info"
      onClose={leave(onClose)}
      onSubmit={() => void run()}
      footer={
        <>
          {onByHand === undefined ? undefined : (
            <span className="left">
              <button type="button" className="btn quiet" onClick={leave(onByHand)}>
                Enter it by hand
              </button>
            </span>
          )}
          <button type="button" className="btn" data-first="" onClick={leave(onClose)}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={busy || plan?.ok !== true}>
            {busy ? 'Running' : verb}
          </button>
        </>
      }
    >
      {plan?.ok === true ? <Commands plan={plan.value} /> : undefined}
      {plan?.ok === false ? <Notice error={plan.error} /> : undefined}
      <p className="soft">{after}</p>
      {error === undefined ? undefined : <Notice error={error} />}
    </Dialog>
  );
}

function usePlan(gateway: GatewayView, what: Pickup): CallResult<'pickup.plan'> | undefined {
  const { bridge } = useApp();
  const [plan, setPlan] = useState<CallResult<'pickup.plan'>>();
  useEffect(() => {
    let isShown = true;
    void safeCall(bridge, 'pickup.plan', { id: gateway.id, what }).then((result) => {
      if (isShown) setPlan(result);
    });
    return () => {
      isShown = false;
    };
  }, [bridge, gateway.id, what]);
  return plan;
}

function Words({ of }: { readonly of: string }): ReactNode {
  return (
    <span>
      {of.split(' ').map((word, index) => (
        // The words never change place, so their index is their identity.
        // oxlint-disable-next-line react/no-array-index-key
        <Fragment key={index}>
          <span>{word}</span>{' '}
        </Fragment>
      ))}
    </span>
  );
}

function Commands({ plan: { commands, deviceId } }: { readonly plan: PickupPlan }): ReactNode {
  return (
    <>
      <ol className="commands" aria-label="Commands">
        {commands.map((command) => (
          <li key={command} className="code">
            <Words of={command} />
          </li>
        ))}
      </ol>
      {deviceId === undefined ? undefined : (
        <div className="field">
          <span className="meta">This device</span>
          <code className="wrap-any">{deviceId}</code>
        </div>
      )}
    </>
  );
}
