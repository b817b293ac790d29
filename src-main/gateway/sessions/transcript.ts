/** One message of a transcript, in the form clients of the protocol are given. */
export interface TranscriptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly TextPart[];
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Of assistants: how it came to its end. */
  readonly stopReason?: 'stop' | 'aborted' | 'error' | 'timeout' | 'injected';
  /** Of assistants: who wrote it. */
  readonly provider?: string;
  readonly model?: string;
  readonly label?: string;
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A message as it is kept: with its place in the transcript. */
export interface StoredMessage {
  readonly id: string;
  /** 1, 2, 3, … within its transcript. */
  readonly seq: number;
  readonly message: TranscriptMessage;
}

export function textOf({ content }: TranscriptMessage): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

export function userMessage(text: string, atMs: number): TranscriptMessage {
  return { role: 'user', content: text, timestamp: atMs };
}

export function assistantMessage(
  text: string,
  facts: Pick<TranscriptMessage, 'timestamp' | 'stopReason' | 'provider' | 'model' | 'label'>,
): TranscriptMessage {
  return { role: 'assistant', content: [{ type: 'text', text }], ...facts };
}

/** As clients expect it: the place of the message rides in a property of its own. */
export function toWire({ id, seq, message }: StoredMessage): Record<string, unknown> {
  return { ...message, __openclaw: { id, seq } };
}
