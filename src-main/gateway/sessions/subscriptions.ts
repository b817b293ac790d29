/** Which connections want to hear of sessions, and of which transcripts. */
export class Subscriptions {
  readonly #sessions = new Set<string>();
  readonly #transcripts = new Map<string, Set<string>>();

  /** Every session, and every message of them. */
  addSessions(connId: string): void {
    this.#sessions.add(connId);
  }

  addTranscript(connId: string, sessionKey: string): void {
    const keys = this.#transcripts.get(connId) ?? new Set();
    this.#transcripts.set(connId, keys.add(sessionKey));
  }

  removeTranscript(connId: string, sessionKey: string): void {
    this.#transcripts.get(connId)?.delete(sessionKey);
  }

  /** The connection is gone. */
  forget(connId: string): void {
    this.#sessions.delete(connId);
    this.#transcripts.delete(connId);
  }

  wantsSessions(connId: string): boolean {
    return this.#sessions.has(connId);
  }

  wantsTranscript(connId: string, sessionKey: string): boolean {
    return this.#sessions.has(connId) || this.#transcripts.get(connId)?.has(sessionKey) === true;
  }
}
