/**
 * A comma-separated list of patterns with `*`, `?` and `!`, as in ssh_config(5) PATTERNS. A negated pattern that
 * matches decides against the whole list. Capitals count.
 */
export function matchesPatternList(list: string, name: string): boolean {
  const patterns = list.split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  if (negated.some((pattern) => matchesPattern(pattern, name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

/** The same for a list of host names, whose capitals do not count. */
export function matchesHostList(list: string, name: string): boolean {
  return matchesPatternList(list.toLowerCase(), name.toLowerCase());
}

/**
 * One pattern with `*` and `?`. Capitals count.
 *
 * Walks both strings and falls back only to the last `*`, so no pattern can cost more than length × length.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === '*') {
      star = at;
      starAt = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star === -1) {
      return false;
    } else {
      starAt += 1;
      index = starAt;
      at = star + 1;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
