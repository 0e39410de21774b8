import { printableLine } from '../../errors/printable.js';
import type { Language } from '../../model/runs/notices.js';
import { groupBy } from '../../model/text/group-by.js';
import { shownNames } from '../../model/text/name-ranges.js';
import { type Letter, lastOf, type Notice } from '../notice.js';
import { bytesOf, cutBytes } from './cut.js';
import { EN } from './en.js';
import type { Words } from './words.js';
import { ZH } from './zh.js';

/**
 * A letter in the words of one language. All of it is plain text, each part on one line: names, reasons
 * and output of hosts are in it, so a channel escapes each part for its markup, and makes no link and no
 * mention of it.
 */
export interface Message {
  readonly tone: 'plain' | 'good' | 'warning' | 'bad';
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Null if nothing failed. Hosts with the same reason share a line. */
  readonly failed: {
    readonly label: string;
    readonly lines: readonly { readonly hosts: string; readonly why: string }[];
    /** `and 212 more`; null if every failed host is in a line. */
    readonly more: string | null;
  } | null;
  readonly next: { readonly label: string; readonly command: string } | null;
  /** Between a label, or hosts, and what is said of them. */
  readonly colon: string;
}

interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Lines of failed hosts in a message, and host names in one of them (in characters). */
const MOST_LINES = 20;
const HOSTS_WIDTH = 120;
/** In bytes. */
const LONGEST_VALUE = 400;
const LONGEST_TITLE = 200;

const WORDS: Readonly<Record<Language, Words>> = { en: EN, zh: ZH };

/** The message of a letter, with at most so many lines of failed hosts. */
export function messageOf(letter: Letter, language: Language, lines = MOST_LINES): Message {
  const words = WORDS[language];
  const last = lastOf(letter);
  const common = {
    failed: failedOf(words, last, lines),
    next: last.next === null ? null : { label: words.label.next, command: cleaned(last.next) },
    colon: words.colon,
  };
  if (letter.kind === 'notice') {
    const title = titleOf(words, last);
    const shown = letter.isTest === true ? words.test(title) : title;
    return { ...common, tone: toneOf(last), title: shown, facts: factsOf(words, last) };
  }
  const { notices } = letter;
  return {
    ...common,
    tone: toneOf(last),
    title: cleaned(words.summary(last.app, notices.length), LONGEST_TITLE),
    facts: notices.map((each) => ({ label: timeOf(each), value: titleOf(words, each) })),
  };
}

/**
 * The longest form of a message for which `write` needs at most so many bytes: lines of failed hosts are
 * left out first, from the last on, then facts, from the first on. What is too long even so is cut.
 */
export function fitted(
  letter: Letter,
  language: Language,
  { bytes, write }: { readonly bytes: number; readonly write: (message: Message) => string },
): string {
  for (let lines = MOST_LINES; lines >= 0; lines -= 1) {
    const text = write(messageOf(letter, language, lines));
    if (bytesOf(text) <= bytes) return text;
  }
  const bare = messageOf(letter, language, 0);
  // Halved between what is too long and what fits: there may be hundreds of facts.
  for (let [least, most] = [1, bare.facts.length]; least <= most; ) {
    const left = Math.floor((least + most) / 2);
    const text = write({ ...bare, facts: bare.facts.slice(left) });
    const isShort = bytesOf(text) <= bytes;
    if (isShort && least === most) return text;
    if (isShort) most = left;
    else least = left + 1;
  }
  return cutBytes(write({ ...bare, facts: [], failed: null, next: null }), bytes);
}

const titleOf = (words: Words, notice: Notice): string => {
  const { kind, state } = notice;
  const title =
    kind === 'ended' ? words.ended[state ?? 'succeeded'](notice) : words.title[kind](notice);
  return cleaned(title, LONGEST_TITLE);
};

function factsOf(words: Words, notice: Notice): readonly Fact[] {
  const { label } = words;
  const { from, release, counts, operator, reason, durationMs, run } = notice;
  const isEnd = notice.state !== null || notice.kind === 'trip';
  const before = from.length === 0 ? words.noRelease : from.join(', ');
  const named = release.version === release.id ? release.id : `${release.id} (${release.version})`;
  const facts: readonly (Fact | null)[] = [
    { label: label.release, value: `${before} → ${named}` },
    isEnd ? { label: label.hosts, value: words.counts(counts) } : null,
    stopFact(words, notice),
    { label: label.by, value: operator },
    reason === null ? null : { label: label.reason, value: reason },
    durationMs === null ? null : { label: label.duration, value: words.duration(durationMs) },
    { label: label.run, value: run },
  ];
  return facts
    .filter((fact) => fact !== null)
    .map((fact) => ({ ...fact, value: cleaned(fact.value) }));
}

function stopFact(words: Words, { stop }: Notice): Fact | null {
  if (stop === null) return null;
  const hosts = namesOf(words, stop.hosts, stop.total);
  return { label: words.label.stopped, value: words.stop(stop, hosts) };
}

function failedOf(words: Words, notice: Notice, most: number): Message['failed'] {
  const { failed, counts } = notice;
  if (failed.length === 0) return null;
  const alike = groupBy(failed, ({ why }) => why).slice(0, most);
  const named = alike.reduce((sum, hosts) => sum + hosts.length, 0);
  const left = Math.max(counts.failed, failed.length) - named;
  return {
    label: words.label.failed,
    lines: alike.map((hosts) => ({
      hosts: namesOf(
        words,
        hosts.map(({ host }) => host),
        hosts.length,
      ),
      why: cleaned(hosts[0].why),
    })),
    more: left > 0 ? words.moreHosts(left) : null,
  };
}

/** Names as ranges; `total` where not all of them are known. */
function namesOf(words: Words, names: readonly string[], total: number): string {
  const { shown, left } = shownNames(
    names.map((name) => cleaned(name, HOSTS_WIDTH)),
    HOSTS_WIDTH,
  );
  const missing = left + total - names.length;
  return missing > 0 ? words.more(shown, missing) : shown;
}

/** One line without what a terminal or a client would act on; cut. */
const cleaned = (text: string, most = LONGEST_VALUE): string => cutBytes(printableLine(text), most);

/** In UTC, which is the same for everyone who reads it. */
const timeOf = ({ at }: Notice): string => `${at.slice(0, 16).replace('T', ' ')}Z`;

function toneOf({ kind, state }: Notice): Message['tone'] {
  switch (kind) {
    case 'start':
      return 'plain';
    case 'paused':
      return 'warning';
    case 'trip':
    case 'rolled_back':
    case 'recovery_needed':
      return 'bad';
    case 'ended':
      return state === 'succeeded' ? 'good' : state === 'stopped_mixed' ? 'bad' : 'warning';
  }
}
