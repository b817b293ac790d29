import type { SignInQuestion } from '../../../src-main/contract/question.ts';
import type { GatewayView, Snapshot } from '../../../src-main/contract/snapshot.ts';

/** A question that was answered, until the line tells what came of it. */
export interface Answered {
  readonly gateway: GatewayView['id'];
  readonly question: SignInQuestion;
}

export interface OpenQuestion {
  readonly gateway: GatewayView;
  readonly question: SignInQuestion;
  /** The answer is on its way: the dialog stays, so that it does not come and go while a password is tried. */
  readonly isAnswered: boolean;
}

/** False once the line has told what came of an answer. */
export function isBeingTried({ gateways }: Snapshot, { gateway }: Answered): boolean {
  const status = gateways.find(({ id }) => id === gateway)?.state.status;
  return status === 'connecting' || status === 'asks';
}

/** The one question to show: an answered one until the line has moved on, else that of the gateway in use, else any. */
export function openQuestion({ gateways, use }: Snapshot, answered: Answered | undefined): OpenQuestion | undefined {
  const tried = gateways.find(({ id }) => id === answered?.gateway);
  // A passphrase was judged before the line dialled.
  if (answered && answered.question.kind !== 'passphrase' && tried?.state.status === 'connecting') {
    return { gateway: tried, question: answered.question, isAnswered: true };
  }
  const asking = gateways.filter(({ state }) => state.status === 'asks');
  const gateway = asking.find(({ id }) => id === answered?.gateway) ?? asking.find(({ id }) => id === use) ?? asking[0];
  if (gateway?.state.status !== 'asks') return undefined;
  const { question } = gateway.state;
  return { gateway, question, isAnswered: question.id === answered?.question.id };
}
