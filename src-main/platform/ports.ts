/** Time, so that tests never sleep. All durations and instants are milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`. The returned function cancels it and may be called twice. */
  after(delayMs: number, task: () => void): () => void;
}

/** Time that nobody can set. It goes on while the computer sleeps, and begins anew whenever it is started. */
export interface Uptime {
  /** Milliseconds since the computer was started; never less than before in one process. */
  upMs(): number;
  /** Names the run of the computer; absent where the system does not say. */
  bootId(): Promise<string | undefined>;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. No shell: `args` reach the program as they are. */
export interface ProgramRunner {
  /** Rejects with the system error (`code: 'ENOENT'`) when the program does not exist. */
  run(file: string, args: readonly string[], limits: { readonly timeoutMs: number }): Promise<RunResult>;
}

export interface CompanionEnd {
  /** Absent when a signal ended it or it could not be started. */
  readonly exitCode: number | undefined;
  /** The system error that kept it from starting, or from being guarded. */
  readonly error: Error | undefined;
}

/** A program of this computer that works for us: it ends with us, however we end. */
export interface Companion {
  readonly pid: number | undefined;
  /** Its working folder: empty at the start, of mode 0700, and removed when it has ended. Absolute. */
  readonly folder: string;
  /** One listener. Lines of standard error, without their ends. */
  onErrorLine(listener: (line: string) => void): void;
  /** The same of standard output. */
  onOutLine(listener: (line: string) => void): void;
  /** Settles, after its last line, when it has ended. Never rejects. */
  readonly ended: Promise<CompanionEnd>;
  /** Asks it to end, and makes it a second later. */
  end(): void;
}

/** No shell: `args` reach the program as they are. It gets no input. */
export interface CompanionStarter {
  /** `prepare` may fill the folder before the program starts, and its arguments follow from it. */
  start(file: string, prepare: (folder: string) => Promise<readonly string[]>): Promise<Companion>;
}

/** How a program of an earlier run is known. */
export interface ProgramSigns {
  /** Its working folder, made for it alone. Absolute; need not exist any more. */
  readonly folder: string;
  /** The last of its arguments. */
  readonly lastWord: string;
}

/** Finds programs on this computer that we have started and lost sight of. */
export interface ProgramFinder {
  /** Their process ids; empty where there is none. */
  find(signs: ProgramSigns): Promise<readonly number[]>;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** A constant message and fields. What is secret is removed at the sink, not here. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(source: string): Logger;
}

/** The file system as far as the app needs it. Paths are absolute. */
export interface Files {
  /** `undefined` when the file does not exist. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder, in no order; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Replaces the file as a whole with mode 0600, in folders of mode 0700: readers see the old or the new text. */
  writeAtomic(path: string, text: string): Promise<void>;
  /** The same for a file that is not ours alone: it keeps the mode it has. */
  rewrite(path: string, text: string): Promise<void>;
  /** Adds to the end in one write, creating the file with mode 0600. */
  append(path: string, text: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Secrets by name, in a keychain or in files of mode 0600. Names are `[a-z0-9.-]+`. */
export interface SecretStore {
  /** @throws AppError `secrets/unreadable` when it exists but cannot be opened. */
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** A child process that talks in plain data, whether it is a fork of Node or Electron's utility process. */
export interface HostProcess {
  readonly pid: number | undefined;
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once; `undefined` when it was ended by a signal. */
  onExit(listener: (exitCode: number | undefined) => void): void;
  /** Lines of standard error, for the last words of a crash. */
  onErrorLine(listener: (line: string) => void): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts one of our own entry files in a process of its own. */
export interface HostProcessStarter {
  start(entry: 'gateway-host'): HostProcess;
}
