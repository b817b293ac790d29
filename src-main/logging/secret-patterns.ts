import { mask } from './mask.ts';

export interface SecretPattern {
  /** Global. Written without nested repetition, so that time grows with the length of the text only. */
  readonly pattern: RegExp;
  readonly replace: (match: string, ...groups: string[]) => string;
}

/** A field is secret when its name ends in one of these: `deviceToken` is, `tokenFile` and `maxTokens: 5` are not. */
const NAME = String.raw`(?:token|passwd|password|passphrase|secret|authorization|api[-_]?key|private[-_]?key|access[-_]?key|auth[-_]?key|cookie|credential)s?`;

const SECRET_NAME = new RegExp(`${NAME}$`, 'i');

export function isSecretName(field: string): boolean {
  return SECRET_NAME.test(field);
}

/** An argument or a header whose value stands right after it in a list. */
const FLAG = String.raw`(?:x-[\w-]{0,40}(?:token|key|secret)|--[\w-]{0,40}${NAME}|cookie|authorization)`;
const SECRET_FLAG = new RegExp(`${FLAG}$`, 'i');

export function isSecretFlag(argument: string): boolean {
  return SECRET_FLAG.test(argument);
}

/** In text between braces, quotes or separators, or one that stands alone. Not a mask. */
const BARE = String.raw`[^\s"'\\&,;<>()[\]{}«»]+`;

const keepFirst: SecretPattern['replace'] = (_match, kept, value) => `${kept}${mask(value ?? '')}`;
/** The second group is the run of backslashes that the pattern itself refers to. */
const keepFirstOfThree: SecretPattern['replace'] = (_match, ...groups) => `${groups[0]}${mask(groups[2] ?? '')}`;
const whole: SecretPattern['replace'] = (match) => mask(match);

/** A word after `token:` that says something about the token and is not one. */
const HARMLESS = new Set(['true', 'false', 'null', 'undefined', 'none', '']);

function keepHarmless(_match: string, kept = '', value = ''): string {
  return HARMLESS.has(value.toLowerCase()) ? `${kept}${value}` : `${kept}${mask(value)}`;
}

/**
 * A string value after `before`, which ends with its closing quote and a separator. JSON text may
 * itself stand in a string of JSON text (`\"token\":\"…\"`): the run of backslashes before a quote
 * says how deep, and a longer run belongs to the value.
 */
function quotedAfter(before: string, separator: string): readonly SecretPattern[] {
  return [
    { pattern: new RegExp(String.raw`(${before}"\s*${separator}\s*")((?:[^"\\]|\\.)*)`, 'gis'), replace: keepFirst },
    {
      pattern: new RegExp(String.raw`(${before}(\\+)"\s*${separator}\s*\2")((?:[^"\\]|\\+[^"\\]|\2\\+")*)`, 'gi'),
      replace: keepFirstOfThree,
    },
  ];
}

const hideUnquoted: SecretPattern['replace'] = (_match, kept, depth) => `${kept}${depth}"«…»${depth}"`;

const JSON_FIELDS: readonly SecretPattern[] = [
  ...quotedAfter(NAME, ':'),
  // Header pairs of Node, and arguments: ["x-api-key","…"], ["--token","…"].
  ...quotedAfter(FLAG, ','),
  {
    pattern: new RegExp(String.raw`(${NAME}(\\*)"\s*:\s*\[)[^[\]{}]*"[^[\]{}]*(?=\])`, 'gi'),
    replace: hideUnquoted,
  },
  {
    pattern: /((?:password|passwd|passphrase|secret)(\\*)"\s*:\s*)-?\d[\d.]*/gi,
    replace: hideUnquoted,
  },
];

/** Headers, environment assignments, flags, URL parameters, printed objects. */
// A quote right before a separator is the end of a JSON string, not the beginning of a value.
const NAMED_TEXT: readonly SecretPattern[] = [
  { pattern: /((?:cookie|authorization):[ \t]*)([^\s"\\«][^\r\n"\\«]*)/gi, replace: keepFirst },
  { pattern: new RegExp(String.raw`(--[\w-]{0,40}${NAME}[ \t]+)((?!-)${BARE})`, 'gi'), replace: keepFirst },
  { pattern: new RegExp(String.raw`(${NAME}'?\s*(?:=>|[:=])\s*')((?:[^'"\\\r\n]|\\.)*)`, 'gi'), replace: keepFirst },
  { pattern: new RegExp(String.raw`(${NAME}\s*[:=]\s*")(?![,:}\]])((?:[^"\\]|\\.)*)`, 'gis'), replace: keepFirst },
  {
    pattern: new RegExp(String.raw`(${NAME}\s*[:=]\s*(\\+)")(?![,:}\]])((?:[^"\\]|\\+[^"\\])*)`, 'gi'),
    replace: keepFirstOfThree,
  },
  { pattern: new RegExp(String.raw`(${NAME}[ \t]*[:=][ \t]*)(${BARE})`, 'gi'), replace: keepHarmless },
];

/** Shapes that only secrets have, whatever stands around them. */
const SHAPES: readonly SecretPattern[] = [
  // A private key, also one that was cut off, with line ends that may be escaped.
  {
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:[\w+/=\s:,.]|-(?!----)|\\+[nr])*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?/g,
    replace: () => '«…»',
  },
  { pattern: /\b((?:bearer|basic)\s+)([\w.~+/=-]{6,})/gi, replace: keepFirst },
  { pattern: /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"'\\]{0,256}:)([^\s/@"'\\«]{1,512})(?=@)/gi, replace: keepFirst },
  { pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, replace: whole },
  { pattern: /\b(?:sk|rk|pk)[-_][\w-]{16,}/g, replace: whole },
  { pattern: /\b(?:gh[pousr]|github_pat|glpat|npm|hf|gsk|whsec)[-_][\w-]{16,}/g, replace: whole },
  { pattern: /\b(?:xox[a-z]|xapp|xai|tskey|pypi|shpat)-[\w-]{10,}/g, replace: whole },
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, replace: whole },
  { pattern: /\bAIza[\w-]{30,}/g, replace: whole },
  { pattern: /\bya29\.[\w-]{20,}/g, replace: whole },
  // Telegram bots, also glued to `/bot` in a URL.
  { pattern: /(?<!\d)\d{6,12}:AA[\w-]{30,}/g, replace: whole },
];

export const SECRET_PATTERNS: readonly SecretPattern[] = [...JSON_FIELDS, ...NAMED_TEXT, ...SHAPES];
