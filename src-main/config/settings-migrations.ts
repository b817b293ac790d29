type Raw = Readonly<Record<string, unknown>>;
export type Migration = (raw: Raw) => Raw;

/**
 * `MIGRATIONS[n]` turns format n + 1 into format n + 2. Append only; never edit one that was
 * released, and import nothing from the app: today's types would change under it. Each comes with
 * a fixture of a real old file.
 */
export const MIGRATIONS: readonly Migration[] = [];

/** Carries the content of a file of format `from` to the newest format. */
export function migrate(raw: Raw, from: number, migrations: readonly Migration[] = MIGRATIONS): Raw {
  return migrations.slice(from - 1).reduce((content, step) => step(content), raw);
}
