/** What a person sees of a message in a client. */
export interface ReadClient {
  readonly text: string;
  /** Addresses that one could click. */
  readonly links: readonly string[];
  readonly mentions: readonly string[];
  /** Pieces of markup beyond those that a layout of a message has. */
  readonly stray: readonly string[];
}

/** What every client makes a link of, marked up or not. */
const BARE = /(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|tel:)\S/gi;

const linksIn = (text: string): readonly string[] => [...text.matchAll(BARE)].map(([link]) => link);

/** Texts in which a client reads no markup; it may still find addresses, and names after an `@`. */
export function readPlain(texts: readonly string[]): ReadClient {
  const text = texts.join('\n');
  const mentions = [...text.matchAll(/@[\p{L}\p{N}]|<at\b|<[!@#]/gu)].map(([mention]) => mention);
  return { text, links: linksIn(text), mentions, stray: [] };
}

interface Inline {
  readonly kind: string;
  readonly pattern: RegExp;
}

/** In the order of precedence in which clients of Markdown read them. */
const INLINES: readonly Inline[] = [
  { kind: 'escape', pattern: /\\[!-/:-@[-`{-~]/ },
  { kind: 'code', pattern: /`[^`]*`/ },
  { kind: 'mention', pattern: /<@[^>]*>/ },
  { kind: 'html', pattern: /<\/?[A-Za-z!][^>]*>/ },
  { kind: 'autolink', pattern: /<[a-z][a-z0-9+.-]*:[^>]*>/i },
  { kind: 'image', pattern: /!\[[^\]]*\]\([^)]*\)/ },
  { kind: 'link', pattern: /\[[^\]]*\]\s*[([][^)\]]*[)\]]/ },
  { kind: 'entity', pattern: /&(?:#x?[0-9a-f]+|\w+);/i },
  { kind: 'strike', pattern: /~~?[^~]+~~?/ },
  {
    kind: 'emphasis',
    pattern: /\*{1,3}[^*]+\*{1,3}|(?<![\p{L}\p{N}])_{1,3}[^_]+_{1,3}(?![\p{L}\p{N}])/u,
  },
];

const BLOCKS: readonly RegExp[] = [
  /^ {0,3}#{1,6}(?:\s|$)/,
  /^ {0,3}>/,
  /^\s*(?:[-+*]|\d{1,9}[.)])\s/,
  /^ {0,3}(?:```|~~~)/,
  /^ {0,3}(?:=+|-+|(?:[-*_]\s*){3,})\s*$/,
  /^.*\|.*$/,
  /^(?: {4}|\t)/,
];

/**
 * The Markdown of a message: a reader of our own, that takes more for markup than any client does. Its first line is
 * a title, labels are bold, lines of failed hosts are quotes; all else is stray.
 */
export function readMarkdown(markdown: string): ReadClient {
  const stray: string[] = [];
  const mentions: string[] = [];
  const lines = markdown.split(/\n+/).map((line, at) => {
    let rest = line;
    if (at === 0) rest = without(rest, /^#### /, stray);
    else if (rest.startsWith('> ')) rest = rest.slice(2);
    else if (rest.startsWith('**')) rest = rest.replace(/^\*\*([^*]+)\*\*/, '$1');
    // What follows the mark of a title is text, and no other block.
    for (const block of at === 0 ? [] : BLOCKS)
      if (block.test(rest)) stray.push(`${block} in ${rest}`);
    for (const { kind, pattern } of INLINES) {
      const found = rest.match(pattern)?.[0];
      if (found === undefined) continue;
      if (kind === 'mention') mentions.push(found);
      else stray.push(`${kind}: ${found}`);
    }
    return rest;
  });
  const text = lines.join('\n');
  return { text, links: linksIn(text), mentions, stray };
}

function without(line: string, start: RegExp, stray: string[]): string {
  if (!start.test(line)) stray.push(`no title: ${line}`);
  return line.replace(start, '');
}

interface At {
  readonly atMobiles: readonly string[];
  readonly atUserIds: readonly string[];
  readonly isAtAll: boolean;
}

/** DingTalk mentions whom the list has; a name behind an `@` is one of them, or plain text. */
export function readDingtalk(markdown: string, at: At): ReadClient {
  const read = readMarkdown(markdown);
  const listed = [...at.atMobiles, ...at.atUserIds];
  return {
    ...read,
    mentions: [
      ...read.mentions,
      ...listed.filter((name) => read.text.includes(`@${name}`)),
      ...(at.isAtAll ? ['all'] : []),
      ...[...read.text.matchAll(/@([\p{L}\p{N}]+)/gu)].flatMap(([, name = '']) =>
        listed.includes(name) ? [] : [name],
      ),
    ],
  };
}
