/** Limits of the protocol, sent to every client in hello-ok. */
export const POLICY = {
  /** Largest frame of a client that was let in, bytes. */
  maxPayload: 25 * 1024 * 1024,
  /** What may wait for a client that does not read, bytes. */
  maxBufferedBytes: 50 * 1024 * 1024,
  tickIntervalMs: 30_000,
} as const;

/** Largest frame before that, bytes: a stranger must not fill the memory. */
export const MAX_PAYLOAD_BEFORE_CONNECT = 64 * 1024;

/** Sockets of one address that have not been let in yet. */
export const MAX_WAITING_PER_ADDRESS = 32;

/** Requests of one connection that are being answered; what comes on top is refused and may be sent again. */
export const MAX_RUNNING_REQUESTS = 128;
