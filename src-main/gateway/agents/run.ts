import { z } from 'zod';

/** How a run ended. `text` is the answer as far as it came. */
export type RunResult =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'aborted'; readonly text: string }
  | { readonly status: 'timeout'; readonly text: string }
  | { readonly status: 'error'; readonly text: string; readonly message: string };

export const RunResultSchema: z.ZodType<RunResult> = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['ok', 'aborted', 'timeout']), text: z.string() }),
  z.object({ status: z.literal('error'), text: z.string(), message: z.string() }),
]);

/** One answer to one question, from its acceptance to its end. */
export interface Run {
  /** The idempotency key of the client that asked. */
  readonly runId: string;
  readonly sessionKey: string;
  readonly sessionId: string;
  readonly agentId: string;
  readonly acceptedAtMs: number;
}

export interface EndedRun extends Run {
  readonly endedAtMs: number;
  readonly result: RunResult;
}
