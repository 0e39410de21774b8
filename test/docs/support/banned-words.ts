/** A word that HOUSE's vocabulary replaces, and what to say in its place. */
interface Banned {
  readonly pattern: RegExp;
  readonly say: string;
}

/**
 * What no text that an operator reads says. Words that are fine in another sense are matched only in
 * the sense that is replaced.
 */
const BANNED: readonly Banned[] = [
  {
    pattern:
      /\b(?:take|takes|took|taken|taking)(?: (?:it|them|itself|themselves|a host|the host|hosts|each host|every host|its hosts|this host|these|those|all|one|\S+))? back\b/i,
    say: 'roll back, rolled back',
  },
  // `undecided` is an error code, which scripts compare: its heading, a link to it and `code` may say it.
  { pattern: /(?<!### |[`#])\bundecided\b|\bhalf-?way\b/i, say: 'unfinished' },
  { pattern: /\bdecided (?:state|one)\b|\b(?:is|are|was|were) decided\b/i, say: 'settled' },
  {
    pattern: /\bdecid(?:e|es|ed) (?:it|them|its|the|these|those)? ?(?:hosts?\b|first\b|now\b|:|$)/i,
    say: 'settle, settled',
  },
  {
    pattern:
      /\bmid-switch\b|\b(?:a|the|its|their|each) switch(?:es)?\b|\bswitch(?:ed|ing) (?:it|to|hosts?)\b|\b(?:hosts?|was|were|is|are|be) switched\b(?! off)/i,
    say: 'activation, activate',
  },
  {
    pattern:
      /\b(?:no|a|the|its|each|without|(?:install|remove)s?) guards?\b(?! of)|(?<!boot )\bguard:/i,
    say: 'boot guard',
  },
  { pattern: /\b(?:not|never) hear\b|\bheard of\b|\bhears? (?:it|nothing|from)\b/i, say: 'answer' },
  {
    pattern:
      /\bclaims? (?:on|away|of) (?:a |the )?(?:hosts?|from)\b|\btakes? claims?\b|\bleft claimed\b/i,
    say: 'lock, locked',
  },
  { pattern: /\blets? go of\b|\bdetached from\b/i, say: 'disconnected from' },
  { pattern: /\bdead-man(?:'|’)?s? switch/i, say: 'automatic rollback timer' },
  {
    pattern:
      /\b(?:its|the|their|each|a) switch(?:es)? (?:fires?|decides?|is due|takes?|reverts?)\b/i,
    say: 'automatic rollback timer',
  },
  { pattern: /\bhears? of\b|\bis told\b|\bare told\b|\bwas told\b/i, say: 'is notified, is shown' },
  { pattern: /\bcan not\b/i, say: 'cannot' },
  { pattern: /\b(?:he|she|him|his|her|hers|himself|herself)\b/i, say: 'they, or rewrite' },
  {
    pattern: /\bstands? in the way\b|\bstands? still\b|\bstood still\b/i,
    say: 'blocks; is suspended',
  },
  { pattern: /\bthere is none\b|\bthere are none\b/i, say: 'none found' },
  { pattern: /\b(?:nobody|somebody)\b/i, say: 'no one, another run, another user: name who' },
  { pattern: /\bfor want of\b/i, say: 'without' },
  { pattern: /\bfor good\b/i, say: 'permanently' },
  { pattern: /\bby itself\b|\bby themselves\b|\bof itself\b/i, say: 'automatically' },
  { pattern: /\bmade of\b/i, say: 'source' },
  { pattern: /\bas you like\b/i, say: 'e.g.' },
  { pattern: /,\s+say\b(?=[\s,.;:)]|$)/i, say: 'e.g.' },
  {
    pattern:
      /\b(?:the|a|its|any) beginning of (?:a|an|the|one|several|it|either)\b|\ba beginning of\b/i,
    say: 'prefix',
  },
  {
    pattern: /\breleases? (?:a|the|its|their|your|every|each) (?:claim|lock)s?\b/i,
    say: 'unlock, give up the claim',
  },
  // `Wants=` is a directive of systemd, and `Wants` the first in a list of its properties.
  { pattern: /\b(?!Wants[ ,]Requires)wants?\b(?! to\b|=)/i, say: 'needs' },
];

/** Where a banned word begins: `file:line: word -> what to say`. A phrase may go on in the next line. */
export function bannedIn(text: string, where: (line: number) => string): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const own = line.trimEnd();
    const next = (lines[at + 1] ?? '').trim();
    // What a table's row or an empty line ends, the next line does not continue.
    const joined = own === '' || next === '' || own.endsWith('|') ? own : `${own} ${next}`;
    return BANNED.flatMap(({ pattern, say }) => {
      const found = [...joined.matchAll(new RegExp(pattern, 'gi'))].find(
        ({ index }) => index < own.length,
      );
      return found === undefined ? [] : [`${where(at + 1)}: "${found[0]}" -> ${say}`];
    });
  });
}
