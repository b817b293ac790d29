const reached = Promise.withResolvers<void>();
let ready = false;

/** Whether the app is ready, and the two rules Electron enforces about it. */
export const readiness = {
  get isReady(): boolean {
    return ready;
  },
  reached: reached.promise,
  markReached(): void {
    ready = true;
    reached.resolve();
  },
  /** For what Electron refuses to make early, with its message. */
  require(message: string): void {
    if (!ready) throw new Error(message);
  },
  /** For what Electron refuses to set late, with its message. */
  forbid(message: string): void {
    if (ready) throw new Error(message);
  },
};
