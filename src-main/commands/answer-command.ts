import { fail } from '../contract/errors.ts';
import { fieldsOf, type SignInQuestion } from '../contract/question.ts';
import type { GatewayView, Snapshot } from '../contract/snapshot.ts';
import type { ControlClient } from '../control/control-client.ts';
import { askPerson } from './ask-person.ts';
import type { Terminal } from './terminal.ts';

export interface AnswerOptions {
  /** Keeps the answer with the secrets of this computer. */
  readonly remember: boolean;
}

type Asking = GatewayView & { readonly state: { readonly status: 'asks'; readonly question: SignInQuestion } };

/** The gateway that asks: the named one, or the only one; of several, the one in use. */
export function askingGateway({ gateways, use }: Snapshot, named: GatewayView | undefined): Asking {
  if (named && !isAsking(named)) throw invalid(`${named.name} asks for nothing`);
  const asking = gateways.filter(isAsking);
  const found = named ?? asking.find(({ id }) => id === use) ?? asking[0];
  if (!found || !isAsking(found)) throw invalid('No gateway asks for anything');
  return found;
}

function isAsking(gateway: GatewayView): gateway is Asking {
  return gateway.state.status === 'asks';
}

/**
 * Gives the answer to the question of a gateway: typed on a terminal, else the lines of standard input.
 * @throws AppError `app/input-invalid` when the lines do not fit the question, or the question is no longer open
 */
export async function giveAnswer(
  client: ControlClient,
  { id, state: { question } }: Asking,
  { terminal, remember }: AnswerOptions & { readonly terminal: Terminal },
): Promise<'answered' | 'given-up'> {
  const answers = await readAnswers(terminal, question);
  if (answers === undefined) return 'given-up';
  await client.call('gateway.answer', { id, questionId: question.id, answers, remember });
  return 'answered';
}

async function readAnswers(terminal: Terminal, question: SignInQuestion): Promise<readonly string[] | undefined> {
  if (!terminal.inIsTerminal) return linesOf(await terminal.readInput(), fieldsOf(question).length);
  const typing = terminal.openTyping();
  if (typing === undefined) throw invalid('There is no terminal to type on: give the answer on standard input');
  try {
    return await askPerson(typing, question, new AbortController().signal);
  } finally {
    typing.close();
  }
}

function linesOf(input: string, expected: number): readonly string[] {
  const lines = input.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length !== expected) throw invalid(`${expected} lines are expected on standard input`);
  return lines;
}

function invalid(problem: string) {
  return fail('app/input-invalid', { call: 'gateway.answer', problem });
}
