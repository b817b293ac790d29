/** What stands in the place of a secret; clients know not to write it back. */
export const REDACTED = '__OPENCLAW_REDACTED__';

/** The configuration file of a gateway as clients may see it: without secrets. */
export interface ConfigView {
  readonly path: string;
  readonly exists: boolean;
  /** Names this content; a change says on which it is based. */
  readonly hash: string;
  readonly valid: boolean;
  /** The text; absent when it cannot be understood. */
  readonly raw: string | undefined;
  readonly parsed: Readonly<Record<string, unknown>>;
  readonly issues: readonly ConfigIssue[];
}

export interface ConfigIssue {
  readonly path: string;
  readonly message: string;
}

export type PatchOutcome =
  | { readonly status: 'written'; readonly view: ConfigView; readonly changedPaths: readonly string[] }
  /** It was changed by somebody else since the base was read. */
  | { readonly status: 'stale' }
  | { readonly status: 'invalid'; readonly issues: readonly ConfigIssue[] };

/** The configuration file of a gateway. Whoever starts the gateway hands it in. */
export interface ConfigSource {
  view(): Promise<ConfigView>;
  /** Merges JSON5 text into the file. */
  patch(raw: string, baseHash: string): Promise<PatchOutcome>;
}
