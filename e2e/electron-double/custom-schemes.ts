/**
 * Chromium cannot be taught a new scheme from outside, so `app://host/path` is carried as
 * `https://host.app.edouble/path` and mapped back wherever the app looks at an address.
 */
const SUFFIX = 'edouble';
const privileged = new Set<string>();

export function registerSchemes(schemes: readonly Electron.CustomScheme[]): void {
  privileged.clear();
  for (const { scheme } of schemes) privileged.add(scheme);
}

/** As the app writes it → as Chromium loads it. */
export function toCarried(url: string): string {
  const [, scheme = '', host = '', rest = ''] = /^([a-z][\w+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return privileged.has(scheme) ? `https://${host || '_'}.${scheme}.${SUFFIX}${rest || '/'}` : url;
}

/** As Chromium loads it → as the app writes it. */
export function toOriginal(url: string): string {
  return url.replace(/^https:\/\/([^/]*)\.([\w+-]+)\.edouble(?=[/?#]|$)/, '$2://$1');
}
