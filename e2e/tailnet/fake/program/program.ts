import { steeringFolder, readState, type FakeState } from '../state.ts';
import { DaemonClient, ProgramError } from './daemon-client.ts';

/** One run of the fake program: its daemon, its folder, and how it speaks. */
export interface Program {
  readonly daemon: DaemonClient;
  readonly folder: string;
  readonly state: FakeState;
  readonly out: (text: string) => Promise<void>;
  readonly err: (text: string) => void;
}

export const ABSENT = "failed to connect to local tailscaled; it doesn't appear to be running";

export interface StatusDocument {
  readonly BackendState: string;
  readonly AuthURL: string;
  readonly Version: string;
  readonly Self: { readonly DNSName: string; readonly CapMap: Readonly<Record<string, unknown>> | null };
  readonly CurrentTailnet: unknown;
}

/** @throws ProgramError in the words of the real program */
export async function askStatus({ daemon, err, state }: Program, peers = false): Promise<string> {
  const answer = await daemon.ask('GET', `status?peers=${peers}`).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProgramError(code === 'ENOENT' || code === 'ECONNREFUSED' ? ABSENT : String(error), { cause: error });
  });
  if (answer.status !== 200) throw new ProgramError(`${ABSENT}. Got error: ${answer.status} ${answer.text.trim()}`);
  const { Version } = JSON.parse(answer.text) as StatusDocument;
  if (Version !== state.version.cli) {
    err(`Warning: client version "${state.version.cli}" != tailscaled server version "${Version}"\n`);
  }
  return answer.text;
}

/** Why nothing can be served in this state, cmd/tailscale/cli/status.go; `undefined` when it runs. */
export function notRunning({ BackendState, AuthURL }: StatusDocument): string | undefined {
  switch (BackendState) {
    case 'Running':
    case 'Starting':
      return undefined;
    case 'NeedsLogin':
      return AuthURL === '' ? 'Logged out.' : `Logged out.\nLog in at: ${AuthURL}`;
    case 'Stopped':
      return 'Tailscale is stopped.';
    case 'NeedsMachineAuth':
      return 'Machine is not yet approved by tailnet admin.';
    default:
      return `unexpected state: ${BackendState}`;
  }
}

export function programFor(socket: string): Program {
  const folder = steeringFolder(socket);
  return {
    daemon: new DaemonClient(socket),
    folder,
    state: readState(folder),
    out: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
    err: (text) => void process.stderr.write(text),
  };
}
