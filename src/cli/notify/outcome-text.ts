import { countText } from '../../model/text/count-text.js';
import type { Outcome } from '../../notify/deliver/delivery.js';
import type { Entry } from '../../notify/deliver/entry.js';

/** What became of a letter that did not arrive, as a sentence without its full stop. */
export function outcomeText({ end, why, entry }: Outcome): string {
  const what = `${lettersText([entry])} for ${entry.name}`;
  switch (end) {
    case 'sent':
      return `${what} was sent${why === null ? '' : `: ${why}`}`;
    case 'refused':
      return `${what} was not accepted: ${why ?? 'no reason was given'}`;
    case 'expired':
      return `${what} is too old and was removed${why === null ? '' : `; the last try: ${why}`}`;
    case 'gone':
      return `${what} was removed: ${entry.config} does not have this receiver any more`;
  }
}

/** What waits for one receiver, and what sends it; null if nothing does. */
export function leftText(entries: readonly Entry[]): string | null {
  const [first] = entries;
  if (first === undefined) return null;
  const why = first.why === null ? '' : ` (${first.why})`;
  return `${lettersText(entries)} for ${first.name} will be sent later${why}; to send now: fleet notify flush`;
}

/** `the notice "ended" of run X`, or `3 notices`. */
function lettersText(entries: readonly Entry[]): string {
  const notices = entries.flatMap((entry) => entry.notices);
  const [first] = notices;
  return notices.length === 1 && first !== undefined
    ? `the notice "${first.kind}" of run ${first.run}`
    : countText(notices.length, 'notice');
}
