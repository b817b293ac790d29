/** A payload that has been written as JSON already, for answers that many ask for and that are the same for all. */
export class Written {
  readonly text: string;
  readonly #payload: unknown;

  constructor(payload: unknown) {
    this.text = JSON.stringify(payload);
    this.#payload = payload;
  }

  /** For where it becomes a part of something larger. */
  toJSON(): unknown {
    return this.#payload;
  }
}
