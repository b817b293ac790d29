import { registerHooks } from 'node:module';

/**
 * Puts the double in the place of the module `electron`, for `import` and `require` at any depth, so
 * that the bundle under test runs byte for byte as it was built.
 */
const isUtilityChild = process.env['EDOUBLE_UTILITY'] === '1';
const replacement = new URL(isUtilityChild ? './utility-host.ts' : './electron.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    /^electron(\/(main|common|utility))?$/.test(specifier)
      ? { url: replacement, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});

if (isUtilityChild) await import('./utility-host.ts');
