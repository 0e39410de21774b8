import type { HostFailure } from '../../errors/host-failure.js';
import { fold } from '../text/group-by.js';

/** One problem on one host. */
export interface Finding {
  readonly host: string;
  readonly failure: HostFailure;
}

/** Problems with one cause, shown once: words that fit all of the hosts, or those of the first. */
export interface Cause {
  readonly hosts: readonly string[];
  readonly message: string;
  readonly hint: string | undefined;
  readonly first: HostFailure;
}

/**
 * Groups problems by cause, in the order of their first: e.g. one wrong key, or a full disk, on each of hundreds of hosts.
 * Details that differ from host to host (address, amounts, fingerprints) do not count.
 */
export function causesOf(findings: readonly Finding[]): readonly Cause[] {
  return fold(findings, causeKey).map(causeOf);
}

/** Equal for all failures that {@link causesOf} groups together. */
export function causeKey(finding: Finding): string {
  const { code, step = '', exit = '', message } = finding.failure;
  return [code, step, exit, measureless(common(message, finding))].join('\n');
}

function causeOf(findings: readonly [Finding, ...Finding[]]): Cause {
  const [first] = findings;
  return {
    hosts: [...new Set(findings.map(({ host }) => host))],
    message: wordsFor(findings, ({ message }) => message) ?? '',
    hint: wordsFor(findings, ({ hint }) => hint),
    first: first.failure,
  };
}

function wordsFor(
  findings: readonly [Finding, ...Finding[]],
  wordsOf: (failure: HostFailure) => string | undefined,
): string | undefined {
  const [first] = findings;
  const words = wordsOf(first.failure);
  if (findings.length === 1 || words === undefined) return words;
  const all = new Set(findings.map(({ failure }) => wordsOf(failure)));
  if (all.size === 1) return words;
  const shared = new Set(
    findings.map((finding) => common(wordsOf(finding.failure) ?? '', finding)),
  );
  return shared.size === 1 ? [...shared][0] : `${words} (${first.host}; the same on the others)`;
}

/** A text without the name of its host. */
function common(text: string, { host, failure: { place } }: Finding): string {
  const own = [place, place?.replace(/:\d+$/, ''), host].filter((name) => name !== undefined);
  return own.reduce((words, name) => words.replaceAll(whole(name), 'the host'), text);
}

const whole = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])(?:[^\\s@]+@)?${name.replace(/[^\w]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');

/** Without amounts and fingerprints: the grouping key, never shown. */
const measureless = (text: string): string =>
  text.replace(/SHA256:[A-Za-z0-9+/=]+|(?<=^|[\s(])\d+(\.\d+)?(?=$|[\s,;)%])/g, '');
