import { useCallback, useState, type ReactNode } from 'react';

import type { ErrorInfo } from '../../../src-main/contract/errors.ts';
import type { GatewayView } from '../../../src-main/contract/snapshot.ts';
import { useAct, useApp } from '../../stores/app-context.ts';
import { keyName } from '../shell/keys.ts';
import { OpenRepair } from './OpenRepair.tsx';
import { mayTryNow, repairsFor, type RepairDialog, type RepairStep } from './repairs.ts';

interface RepairButtonsProps {
  readonly gateway: GatewayView;
  readonly cause: ErrorInfo;
  /** Without the primary button and the key hint, for rows of a list. */
  readonly small?: boolean;
}

/** Try now, and what fixes the fault. What helps is the primary button: trying alone mends no wrong token. */
export function RepairButtons({ gateway, cause, small = false }: RepairButtonsProps): ReactNode {
  const [dialog, setDialog] = useState<RepairDialog>();
  const { bridge, apple } = useApp();
  const act = useAct();
  const app = bridge.surface === 'app';
  const steps = app ? repairsFor(cause, gateway.kind) : [];
  const rank = (first: boolean): string => (first && !small ? 'btn primary' : 'btn');
  const take = (step: RepairStep): void => {
    if (step.type === 'dialog') setDialog(step.dialog);
    else if (step.type === 'move') void act('gateway.move', { id: gateway.id, port: step.port });
    else if (step.type === 'use-system-ssh') void act('gateway.set-engine', { id: gateway.id, engine: 'system-ssh' });
    else void act('gateway.attach', { id: gateway.id });
  };
  const close = useCallback(() => setDialog(undefined), []);
  return (
    <div className="row">
      {steps.map((step, index) => (
        <button key={step.label} type="button" className={rank(index === 0)} onClick={() => take(step)}>
          {step.label}
        </button>
      ))}
      {mayTryNow(cause) ? (
        <button
          type="button"
          className={rank(steps.length === 0)}
          onClick={() => void act('gateway.retry', { id: gateway.id })}
        >
          Try now {app && !small ? <kbd aria-hidden>{keyName('R', apple)}</kbd> : undefined}
        </button>
      ) : undefined}
      <OpenRepair dialog={dialog} gateway={gateway} cause={cause} onClose={close} />
    </div>
  );
}
