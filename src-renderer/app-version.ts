/** Version of this build. A glob, so that only this one field of package.json ends up in the page. */
const found = import.meta.glob<string>('../package.json', { import: 'version', eager: true });

export const appVersion: string = Object.values(found)[0] ?? '0.0.0';
