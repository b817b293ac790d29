/** Where a forward ends, as the SSH server sees it. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:18789`, `[::1]:18789` */
export function addressText({ host, port }: RemoteAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
