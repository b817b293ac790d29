import { isDeepStrictEqual } from 'node:util';

export type Mode = 'off' | 'serve' | 'funnel';

/** A run of the `tailscale` program, without what says where its daemon is. */
export interface Call {
  readonly words: readonly string[];
  readonly pid: number;
  readonly startedAtMs: number;
  /** `undefined` where it was killed. */
  readonly endedAtMs: number | undefined;
}

/** What was true while a gateway said that it was open. */
export interface OpenProof {
  readonly target: string | undefined;
  readonly isPublic: boolean;
  readonly backend: string;
  readonly claimIsAlive: boolean;
  /** Of a request to the listener of the route that says to come from the wrong side. */
  readonly marked: number;
  /** Whether somebody of the tailnet came in without any secret. */
  readonly letInWithoutSecret: boolean;
  /** Of the same wrong secret by one client after its attempts are used up, and by another. */
  readonly locked: number;
  readonly other: number;
}

/** Everything that can be seen from the outside of one run of a gateway. */
export interface Evidence {
  readonly mode: Mode;
  readonly auth: { readonly mode: string; readonly password: string };
  /** Ports that the tailnet allows for Funnel. */
  readonly allowed: readonly number[];
  readonly mainPort: number;
  readonly listeners: readonly { readonly address: string; readonly port: number }[];
  readonly calls: readonly Call[];
  /** Routes of others, before and after. */
  readonly foreign: { readonly before: unknown; readonly after: unknown };
  readonly opened: readonly OpenProof[];
  /** It said that it was open although something was in the way. */
  readonly openedTooEarly: boolean;
  /** What is left five seconds after the end. */
  readonly left: { readonly targets: readonly string[]; readonly children: readonly number[] };
  readonly health: readonly number[];
  readonly exitCode: number | undefined;
  readonly usedSudo: boolean;
}

interface Invariant {
  readonly says: string;
  /** What was seen instead; empty where it holds. */
  readonly against: (evidence: Evidence) => readonly unknown[];
}

const FUNNEL_PORTS = [443, 8443, 10_000];
const OUR_TARGET = /^http:\/\/127\.0\.0\.1:(\d+)$/;

/** What has to hold whatever Tailscale does, by the numbers of the facts this project was begun with. */
export const INVARIANTS: Readonly<Record<number, Invariant>> = {
  1: {
    says: 'a route leads to a listener of its own on 127.0.0.1',
    against: ({ calls, mainPort, opened }) =>
      [...claimsOf(calls).map(targetOf), ...opened.map(({ target }) => target)].filter(
        (target) => !isOwnListener(target, mainPort),
      ),
  },
  2: {
    says: 'the gateway listens on loopback alone',
    against: ({ mode, listeners }) =>
      mode === 'off' ? [] : listeners.filter(({ address }) => !/^(127\.|::1$)/.test(address)),
  },
  3: {
    says: 'Funnel is only asked for with a password, on a port that it may use',
    against: ({ mode, auth, allowed, calls }) => {
      const mayFunnel = mode === 'funnel' && auth.mode === 'password' && auth.password.length > 0;
      return claimsOf(calls).filter(
        ({ words }) =>
          words[0] === 'funnel' &&
          !(mayFunnel && [FUNNEL_PORTS, allowed].every((list) => list.includes(portOf(words)))),
      );
    },
  },
  4: {
    says: 'nothing is left open, and nobody is left running',
    against: ({ left }) => [...left.targets, ...left.children],
  },
  5: {
    says: 'routes of others stay as they are, and nothing is asked for that could touch them',
    against: ({ calls, foreign }) => [
      ...changesOf(calls).filter(({ words }) => !isClaim(words)),
      ...(isDeepStrictEqual(foreign.before, foreign.after) ? [] : [foreign]),
    ],
  },
  6: {
    says: 'open is only what is proven to be',
    against: ({ mode, opened, openedTooEarly }) => [
      ...(openedTooEarly ? ['open although it could not be'] : []),
      ...opened.filter(
        ({ target, isPublic, backend, claimIsAlive }) =>
          target === undefined || isPublic !== (mode === 'funnel') || backend !== 'Running' || !claimIsAlive,
      ),
    ],
  },
  7: {
    says: 'the gateway goes on, and ends well',
    against: ({ health, exitCode }) => [
      ...health.filter((status) => status !== 200),
      ...(health.length === 0 ? ['it was never asked'] : []),
      ...(exitCode === 0 ? [] : [{ exitCode }]),
    ],
  },
  8: { says: 'while it is off no program is run', against: ({ mode, calls }) => (mode === 'off' ? calls : []) },
  9: {
    says: 'one claim at a time, and none that is given up for lost goes on',
    against: ({ calls, left }) => {
      const claims = claimsOf(calls);
      return claims.filter(
        (claim, index) =>
          left.children.includes(claim.pid) ||
          claims.slice(index + 1).some(({ startedAtMs }) => startedAtMs < (claim.endedAtMs ?? 0)),
      );
    },
  },
  10: {
    says: 'who it is lets nobody in where a password is asked for',
    against: ({ opened }) => opened.filter(({ letInWithoutSecret }) => letInWithoutSecret),
  },
  11: {
    says: 'what comes from the wrong side is turned away',
    against: ({ opened }) => opened.filter(({ marked }) => marked !== 403),
  },
  12: { says: 'nobody becomes root', against: ({ usedSudo }) => (usedSudo ? ['sudo'] : []) },
  13: {
    says: 'who guesses is locked out, and nobody else',
    against: ({ opened }) => opened.filter(({ locked, other }) => locked !== 429 || other !== 401),
  },
};

/** Every invariant that does not hold, with its number and what was seen. */
export function violations(evidence: Evidence): readonly string[] {
  return Object.entries(INVARIANTS).flatMap(([number, { says, against }]) => {
    const seen = against(evidence);
    return seen.length === 0 ? [] : [`${number}: ${says}; seen: ${JSON.stringify(seen)}`];
  });
}

/** What was asked of Tailscale that may change routes. */
export function changesOf(calls: readonly Call[]): readonly Call[] {
  return calls.filter(({ words: [command, first] }) => isRouteCommand(command) && first !== 'status');
}

function claimsOf(calls: readonly Call[]): readonly Call[] {
  return changesOf(calls).filter(({ words }) => isClaim(words));
}

function isRouteCommand(command: string | undefined): boolean {
  return command === 'serve' || command === 'funnel';
}

function isClaim(words: readonly string[]): boolean {
  return isDeepStrictEqual(words.slice(1, 3), ['--yes', '--bg=false']) && words.length === 5 && portOf(words) > 0;
}

function portOf(words: readonly string[]): number {
  return Number(/^--https=(\d+)$/.exec(words[3] ?? '')?.[1] ?? 0);
}

function targetOf({ words }: Call): string | undefined {
  return words.at(-1);
}

function isOwnListener(target: string | undefined, mainPort: number): boolean {
  const port = Number(OUR_TARGET.exec(target ?? '')?.[1] ?? 0);
  return port > 1_024 && port !== mainPort;
}
