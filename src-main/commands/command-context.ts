import { RemoteCommands } from './remote-commands.ts';
import { nodeSurroundings, type NodeSurroundings } from './surroundings.ts';
import { EXIT, reportError, type ExitCode, type Terminal } from './terminal.ts';

type LogName = Parameters<typeof nodeSurroundings>[0]['log'];
type Run = (around: NodeSurroundings) => Promise<ExitCode>;

export interface ProgramDeps {
  readonly terminal: Terminal;
  /** The folder `out/`. */
  readonly distRoot: string;
  readonly version: string;
  /** Starts the desktop app; absent where there is no Electron. */
  readonly startDesktop: () => Promise<ExitCode>;
}

/** Runs one command with its adapters and turns whatever it throws into sentences and an exit code. */
export class CommandContext {
  readonly #deps: ProgramDeps;
  exitCode: ExitCode = EXIT.done;

  constructor(deps: ProgramDeps) {
    this.#deps = deps;
  }

  get terminal(): Terminal {
    return this.#deps.terminal;
  }

  async run(
    options: { readonly log: LogName; readonly profile?: string; readonly json?: boolean },
    run: Run,
  ): Promise<void> {
    const { terminal, distRoot } = this.#deps;
    try {
      const around = nodeSurroundings({ distRoot, env: terminal.env, profile: options.profile, log: options.log });
      try {
        this.exitCode = await run(around);
      } finally {
        await around.close();
      }
    } catch (error) {
      this.exitCode = reportError(terminal, error, { json: options.json === true });
    }
  }

  remote(options: { readonly json?: boolean }, run: (commands: RemoteCommands) => Promise<ExitCode>): Promise<void> {
    return this.run({ log: 'app', ...options }, (around) =>
      run(new RemoteCommands(this.terminal, around, { json: options.json === true })),
    );
  }
}
