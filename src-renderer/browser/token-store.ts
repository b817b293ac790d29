const KEY = 'gangway.token';

/** Where the token of this tab is kept: gone when the tab is closed, never in an address. */
export interface TokenStore {
  read(): string | undefined;
  write(token: string): void;
  forget(): void;
}

export function createTokenStore(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): TokenStore {
  return {
    read: () => storage.getItem(KEY) ?? undefined,
    write: (token) => storage.setItem(KEY, token),
    forget: () => storage.removeItem(KEY),
  };
}
