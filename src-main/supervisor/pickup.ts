import type { Pickup, PickupPlan } from '../contract/calls.ts';
import { fail, type AppError, type ErrorInfo, type PickupProblem } from '../contract/errors.ts';
import type { SshRoute } from '../config/settings-schema.ts';
import type { Logger } from '../platform/ports.ts';
import type { Link } from '../ssh/link.ts';
import type { RemoteRun } from '../ssh/remote-run.ts';
import { readDashboard, readOurs, readPending } from './pickup-answers.ts';

/** One pickup: what, from where, and the line that may lead there already. */
export interface Errand {
  readonly what: Pickup;
  readonly route: SshRoute;
  /** Name of the gateway, for sentences. */
  readonly name: string;
  /** Why the gateway's line is down, if it is. */
  readonly cause: ErrorInfo | undefined;
  readonly link: Link | undefined;
  /** Aborted when the person takes the consent back. */
  readonly signal: AbortSignal;
}

export interface PickupService {
  plan(errand: Errand): Promise<PickupPlan>;
  /** @throws AppError `gateway/pickup-failed`, or why the computer could not be reached */
  fetchToken(errand: Errand): Promise<string>;
  /** @throws AppError `gateway/pickup-failed`, or why the computer could not be reached */
  approve(errand: Errand): Promise<void>;
}

export interface PickupDeps {
  /** Who signs in where, by the SSH configuration of this computer. */
  readonly whoAndWhere: (route: SshRoute) => Promise<{ readonly user: string; readonly host: string }>;
  /** Connects once more, for a gateway whose line is not up. The caller closes it. */
  readonly dial: (route: SshRoute, signal: AbortSignal) => Promise<Link>;
  /** Told of every token before it goes anywhere, so that no log will show it. */
  readonly keepSecret: (token: string) => void;
  readonly log: Logger;
}

/** The real `openclaw` needs seconds to start, much more on a small computer. */
const LIMITS = { timeoutMs: 60_000, maxBytes: 1024 * 1024 };
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const NOT_FOUND = 127;

/** Programs are found by the path of a login shell; the user's own shell knows it. */
const inLoginShell = (words: string): string => `exec "$SHELL" -lc '${words}'`;

const OURS = inLoginShell('gangway gateway token --json');
const DASHBOARD = inLoginShell('openclaw dashboard --no-open --json');
/** Who can list the devices of a gateway there and approve one; only our own says of which gateway they are. */
interface Approver {
  readonly list: string;
  readonly approve: (requestId: string) => string;
}
const APPROVERS: readonly Approver[] = ['gangway gateway devices', 'openclaw devices'].map((words) => ({
  list: inLoginShell(`${words} list --json`),
  approve: (requestId) => inLoginShell(`${words} approve ${requestId} --json`),
}));

/** Asks the other computer's own programs, over SSH, for what a person would copy from there by hand. */
export function createPickup(deps: PickupDeps): PickupService {
  return {
    plan: async (errand) => ({ ...(await deps.whoAndWhere(errand.route)), ...planned(errand) }),
    fetchToken: (errand) => withRunner(errand, deps, (run) => fetchToken(errand, run, deps)),
    approve: (errand) => withRunner(errand, deps, (run) => approve(errand, run)),
  };
}

function planned(errand: Errand): Pick<PickupPlan, 'commands' | 'deviceId'> {
  if (errand.what === 'token') return { commands: [OURS, DASHBOARD], deviceId: undefined };
  const { requestId, deviceId } = ownRequest(errand);
  return { commands: APPROVERS.flatMap(({ list, approve }) => [list, approve(requestId)]), deviceId };
}

type Run = (command: string) => Promise<Extract<RemoteRun, { status: 'done' }>>;

/** Over the line that is there, else over a connection of its own that is closed afterwards. */
async function withRunner<T>(errand: Errand, deps: PickupDeps, work: (run: Run) => Promise<T>): Promise<T> {
  const own = errand.link?.run === undefined ? await deps.dial(errand.route, errand.signal) : undefined;
  const link = own ?? errand.link;
  try {
    return await work(async (command) => {
      const ran = (await link?.run?.(command, { ...LIMITS, signal: errand.signal })) ?? { status: 'refused' as const };
      deps.log.info('ran a program over there', {
        status: ran.status,
        exitCode: ran.status === 'done' ? ran.exitCode : undefined,
      });
      if (ran.status === 'done') return ran;
      throw failed(errand, ran.status === 'too-long' ? 'not-understood' : ran.status);
    });
  } finally {
    await own?.close();
  }
}

async function fetchToken(errand: Errand, run: Run, { keepSecret }: PickupDeps): Promise<string> {
  const { remoteHost, remotePort } = errand.route;
  if (!LOOPBACK.has(remoteHost)) throw failed(errand, 'elsewhere');
  const problems: PickupProblem[] = [];
  for (const [command, read] of [
    [OURS, readOurs],
    [DASHBOARD, readDashboard],
  ] as const) {
    const found = answerOf(await run(command), read);
    // A token of another gateway must not be shown to this one.
    if (typeof found === 'string') problems.push(found);
    else if (found.port !== remotePort) problems.push('other-gateway');
    else if (found.token === undefined) throw failed(errand, 'no-token');
    else {
      keepSecret(found.token);
      return found.token;
    }
  }
  throw failed(errand, problems.find((problem) => problem !== 'no-program') ?? 'no-program');
}

function answerOf<Answer extends object>(
  { exitCode, stdout }: Extract<RemoteRun, { status: 'done' }>,
  read: (stdout: string) => Answer | undefined,
): Answer | PickupProblem {
  if (exitCode === NOT_FOUND) return 'no-program';
  if (exitCode !== 0) return 'program-failed';
  return read(stdout) ?? 'not-understood';
}

/** Approves the request that this very app has been told of by the gateway, and no other. */
async function approve(errand: Errand, run: Run): Promise<void> {
  const own = ownRequest(errand);
  const problems: PickupProblem[] = [];
  for (const approver of APPROVERS) {
    const problem = await approveWith(approver, { ...errand, own }, run);
    if (problem === undefined) return;
    problems.push(problem);
  }
  throw failed(errand, problems.find((problem) => problem !== 'no-program') ?? 'no-program');
}

/** What kept a program from approving it, so that another may be tried; `undefined` once it is approved. */
async function approveWith(
  approver: Approver,
  errand: Errand & { readonly own: OwnRequest },
  run: Run,
): Promise<PickupProblem | undefined> {
  const { own } = errand;
  const listed = answerOf(await run(approver.list), readPending);
  if (typeof listed === 'string') return listed;
  if (listed.port !== undefined && listed.port !== errand.route.remotePort) return 'other-gateway';
  const request = listed.pending.find(({ requestId }) => requestId === own.requestId);
  if (request === undefined) return 'no-request';
  if (own.deviceId !== undefined && request.deviceId !== own.deviceId) throw failed(errand, 'other-device');
  const approved = await run(approver.approve(own.requestId));
  if (approved.exitCode !== 0) throw failed(errand, 'program-failed');
  return undefined;
}

interface OwnRequest {
  readonly requestId: string;
  readonly deviceId: string | undefined;
}

/** The gateway names the request, so it is checked before it becomes a word of a command. */
function ownRequest(errand: Errand): OwnRequest {
  const { cause } = errand;
  const params = cause?.code === 'gateway/pairing-required' ? cause.params : undefined;
  if (params?.requestId === undefined || !/^[A-Za-z0-9][\w-]{0,79}$/.test(params.requestId)) {
    throw failed(errand, 'no-request');
  }
  return { requestId: params.requestId, deviceId: params.deviceId };
}

function failed({ name, route }: Errand, reason: PickupProblem): AppError {
  return fail('gateway/pickup-failed', { gateway: name, host: route.target, reason });
}
