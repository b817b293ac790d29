import { isAppUrl } from './app-address.ts';
import type { SessionApi } from './electron-api.ts';

/** The only thing our page needs: its copy buttons. Reading the clipboard stays closed. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function isGranted(permission: string, origin: string): boolean {
  return GRANTED.has(permission) && isAppUrl(origin);
}

/** Electron grants every permission unless told otherwise. */
export function lockPermissions(session: SessionApi): void {
  session.setPermissionRequestHandler((contents, permission, reply) => reply(isGranted(permission, contents.getURL())));
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin));
  session.setDevicePermissionHandler(() => false);
}
