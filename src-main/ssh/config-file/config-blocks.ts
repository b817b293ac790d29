import { matchesHostList, matchesPattern, matchesPatternList } from '../host-pattern.ts';
import { lineFault, wordsOf, type ConfigLine } from './config-line.ts';

/** Whether what follows a `Host` or `Match` line counts. */
export type Block =
  | { readonly status: 'applies' }
  | { readonly status: 'other' }
  /** Only `ssh` could tell, for the sake of this criterion. */
  | { readonly status: 'undecided'; readonly criterion: string };

export const APPLIES: Block = { status: 'applies' };
export const OTHER: Block = { status: 'other' };

/** What is known of the connection when a line is read: what stands above it counts, as in `ssh`. */
export interface SoFar {
  /** The name that `Host` lines are about. */
  readonly name: string;
  /** What `HostName` has made of it. */
  readonly host: string;
  /** As it was asked for. */
  readonly originalHost: string;
  readonly user: string;
  readonly localUser: string;
  /** The files are read a second time, for `Match final`. */
  readonly isFinal: boolean;
}

/** A block of a file that another one includes counts where both do. */
export function within(outer: Block, inner: Block): Block {
  return outer.status === 'applies' || inner.status === 'other' ? inner : outer;
}

/** @throws AppError `ssh/config-unreadable` */
export function hostBlock(line: ConfigLine, { name }: SoFar): Block {
  const words = wordsOf(line);
  if (words.includes('')) throw lineFault(line, '“host” has an empty argument');
  const isNegated = words.some((word) => word.startsWith('!') && matchesPattern(word.slice(1), name));
  return !isNegated && words.some((word) => matchesPattern(word, name)) ? APPLIES : OTHER;
}

interface Criterion {
  /** In lower case. */
  readonly name: string;
  readonly isNegated: boolean;
  /** Empty for those that take none. */
  readonly argument: string;
}

/**
 * Nothing is run: what depends on a program, a network or a newer `ssh` than this one was made after is undecided.
 * @throws AppError `ssh/config-unreadable`
 */
export function matchBlock(line: ConfigLine, soFar: SoFar): { readonly block: Block; readonly asksFinal: boolean } {
  const criteria = criteriaOf(line);
  const verdicts = criteria.map(({ name, isNegated, argument }) => {
    const isMet = JUDGES.get(name)?.(argument, soFar);
    return isMet === undefined ? undefined : isMet !== isNegated;
  });
  const undecided = criteria[verdicts.indexOf(undefined)]?.name;
  const block: Block = undecided === undefined ? APPLIES : { status: 'undecided', criterion: `Match ${undecided}` };
  return {
    block: verdicts.includes(false) ? OTHER : block,
    asksFinal: criteria.some(({ name }) => name === 'final'),
  };
}

type Judge = (argument: string, soFar: SoFar) => boolean;

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['all', () => true],
  ['final', (_argument, { isFinal }) => isFinal],
  // The same pass serves both in `ssh`, and names are not made canonical here.
  ['canonical', (_argument, { isFinal }) => isFinal],
  ['host', (list, { host }) => matchesHostList(list, host)],
  ['originalhost', (list, { originalHost }) => matchesHostList(list, originalHost)],
  ['user', (list, { user }) => matchesPatternList(list, user)],
  ['localuser', (list, { localUser }) => matchesPatternList(list, localUser)],
]);

const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set(['all', 'final', 'canonical']);

function criteriaOf(line: ConfigLine): readonly Criterion[] {
  const criteria: Criterion[] = [];
  const words = [...wordsOf(line)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    criteria.push(criterionOf(word, words, line));
  }
  if (criteria.length === 0) throw lineFault(line, '“match” has no argument');
  const all = criteria.findIndex(({ name }) => name === 'all');
  const isAlone = all === -1 || (all <= 1 && all === criteria.length - 1);
  if (!isAlone) throw lineFault(line, '“match all” cannot stand beside other criteria');
  return criteria;
}

/** Takes what it needs of the words that follow. */
function criterionOf(word: string, following: string[], line: ConfigLine): Criterion {
  const [, not, name = '', equals, glued = ''] = /^(!?)([^=]*)(=?)(.*)$/s.exec(word) ?? [];
  const criterion = { name: name.toLowerCase(), isNegated: not === '!' };
  if (equals === '' && WITHOUT_ARGUMENT.has(criterion.name)) return { ...criterion, argument: '' };
  const argument = glued === '' ? argumentOf(following) : glued;
  // A newer `ssh` asks with `tagged ""` for what has no tag.
  if (argument === undefined || (argument === '' && JUDGES.has(criterion.name))) {
    throw lineFault(line, `“match ${criterion.name}” has no argument`);
  }
  return { ...criterion, argument };
}

/** Written `host name` or `host=name`; before OpenSSH 10 also with spaces around the sign. */
function argumentOf(following: string[]): string | undefined {
  const word = following.shift();
  return word === '=' ? following.shift() : word?.replace(/^=/, '');
}
