/**
 * Whether a whole name matches a pattern in which `*` is any text and `?` any one character. Greedy with one point to
 * return to, so never more than name × pattern comparisons.
 */
export function matchesGlob(name: string, pattern: string): boolean {
  let inName = 0;
  let inPattern = 0;
  let star = -1;
  let resume = 0;
  while (inName < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      star = inPattern;
      inPattern += 1;
      resume = inName;
    } else if (wanted === '?' || wanted === name[inName]) {
      inName += 1;
      inPattern += 1;
    } else if (star >= 0) {
      resume += 1;
      inName = resume;
      inPattern = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
