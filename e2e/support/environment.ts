import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What programs need to run at all, and what a tester sets on purpose. Everything else stays outside. */
const KEPT =
  /^(PATH|PATHEXT|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|COMSPEC|WINDIR|DISPLAY|XAUTHORITY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|CI|DEBUG|EDOUBLE_\w+|GANGWAY_CHROMIUM)$/i;

/**
 * Environment of a program under test: GANGWAY_HOME is `home`, and the home of the user is an empty
 * folder inside, so that no key, known host, agent or token of the developer is read or used.
 */
export function testEnvironment(home: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const user = join(home, 'user');
  mkdirSync(user, { recursive: true, mode: 0o700 });
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name)) as [string, string][];
  return { ...Object.fromEntries(kept), HOME: user, USERPROFILE: user, GANGWAY_HOME: home, ...extra };
}
