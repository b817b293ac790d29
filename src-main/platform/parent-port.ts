/** The other end of a `HostProcess`: what a process of ours says to the one that started it. */
export interface ParentConnection<Report> {
  send(report: Report): void;
}

interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/**
 * Connects to the parent, whether this process is a fork of Node or Electron's utility process.
 * The messages come from our own main process, so their shape is trusted.
 *
 * @throws TypeError when there is no parent that listens.
 */
export function connectToParent<Report>(listeners: {
  /** `command` is what the parent sent. */
  readonly onMessage: (command: unknown) => void;
  readonly onLost: () => void;
}): ParentConnection<Report> {
  const { parentPort } = process as unknown as { readonly parentPort?: ElectronParentPort };
  if (parentPort !== undefined) {
    // Electron ends its utility processes with the app, so there is no loss to hear of.
    parentPort.on('message', ({ data }) => listeners.onMessage(data));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process has no origin
    return { send: (report) => parentPort.postMessage(report) };
  }
  if (process.send === undefined) throw new TypeError('this is a part of Gangway and is not started by hand');
  process.on('message', listeners.onMessage);
  process.on('disconnect', listeners.onLost);
  return {
    send: (report) => {
      if (process.connected) process.send?.(report);
    },
  };
}
