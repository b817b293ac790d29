export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export type Shortcut =
  { readonly type: 'use'; readonly index: number } | { readonly type: 'try-now' } | { readonly type: 'close-funnel' };

/** The shortcut a key press means: ⌘ on Apple computers, Ctrl elsewhere, nothing else held. */
export function shortcutOf(press: KeyPress, apple: boolean): Shortcut | undefined {
  const held = apple ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  if (!held || press.altKey || press.shiftKey) return undefined;
  if (press.key.toLowerCase() === 'r') return { type: 'try-now' };
  if (press.key === '.') return { type: 'close-funnel' };
  return /^[1-9]$/.test(press.key) ? { type: 'use', index: Number(press.key) - 1 } : undefined;
}

/** How a shortcut is written on this computer. */
export function keyName(key: string, apple: boolean): string {
  return apple ? `⌘${key}` : `Ctrl+${key}`;
}
