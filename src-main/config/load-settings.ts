import { fail, type ErrorInfo } from '../contract/errors.ts';
import { LOCAL_GATEWAY } from '../contract/snapshot.ts';
import { describeFault, parseByKey, type KeyFault } from './parse-by-key.ts';
import { parseText, type Raw } from './parse-text.ts';
import { migrate } from './settings-migrations.ts';
import { SETTINGS_VERSION, SettingsSchema, type GatewayRecord, type Settings } from './settings-schema.ts';

export type SettingsFile =
  | {
      readonly status: 'readable';
      readonly settings: Settings;
      /** One for each key that was invalid and fell back to its default. */
      readonly problems: readonly ErrorInfo[];
      /** What the user wrote, in the newest format: with unknown keys, and with the invalid ones. */
      readonly raw: Raw;
    }
  | { readonly status: 'unreadable'; readonly line: number };

/**
 * Understands the text of the settings file. Pure: reading and copying aside are the store's job.
 * A wish for a gateway that is not in the list becomes off: what stands in for it would be another
 * gateway than the one that was meant.
 *
 * @throws AppError `settings/newer-than-app`, so that a downgrade never overwrites newer settings.
 */
export function loadSettings(text: string, file: string): SettingsFile {
  const parsed = parseText(text);
  if (parsed.status === 'unreadable') return { status: 'unreadable', line: parsed.line };
  const { found, fault } = versionOf(parsed.raw);
  if (found > SETTINGS_VERSION) throw fail('settings/newer-than-app', { file, found, supported: SETTINGS_VERSION });
  const raw = migrate(parsed.raw, found);
  const { value, faults } = parseByKey(SettingsSchema, { ...raw, version: SETTINGS_VERSION });
  const { settings, faults: linkFaults } = checkLinks(value, raw);
  const problems = [...fault, ...faults, ...linkFaults].map((found): ErrorInfo => ({
    code: 'settings/key-invalid',
    params: describeFault(found, { file, text }),
  }));
  return { status: 'readable', settings, problems, raw };
}

function versionOf(raw: Raw): { readonly found: number; readonly fault: readonly KeyFault[] } {
  const version = raw['version'] ?? SETTINGS_VERSION;
  if (typeof version === 'number' && Number.isInteger(version) && version > 0) return { found: version, fault: [] };
  return { found: SETTINGS_VERSION, fault: [{ path: ['version'], expected: `the number ${SETTINGS_VERSION}` }] };
}

/** What no single key can tell: ids that repeat, and a wish for a gateway that is not there. */
function checkLinks(
  settings: Settings,
  raw: Raw,
): { readonly settings: Settings; readonly faults: readonly KeyFault[] } {
  const gateways = firstOfEachId(settings.gateways);
  const repeated = new Set(settings.gateways.filter((record) => !gateways.includes(record)).map(({ id }) => id));
  const known = settings.use === undefined || [LOCAL_GATEWAY, ...gateways.map(({ id }) => id)].includes(settings.use);
  const faults: KeyFault[] = [...repeated].map((id) => ({
    path: ['gateways', lastIndexOfId(raw, id), 'id'],
    expected: 'an id that no other gateway has',
  }));
  if (!known) faults.push({ path: ['use'], expected: 'the id of a valid gateway in the list' });
  return { settings: { ...settings, gateways, use: known ? settings.use : undefined }, faults };
}

function firstOfEachId(records: readonly GatewayRecord[]): readonly GatewayRecord[] {
  return records.filter(({ id }, index) => records.findIndex((other) => other.id === id) === index);
}

function lastIndexOfId(raw: Raw, id: string): number {
  const list: readonly unknown[] = Array.isArray(raw['gateways']) ? raw['gateways'] : [];
  return list.findLastIndex((item) => (item as Raw | undefined)?.['id'] === id);
}
