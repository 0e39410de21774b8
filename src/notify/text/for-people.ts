import { type Letter, lastOf } from '../notice.js';

/** Whether a person has to look: only then are the people of `at` mentioned. */
export function isForPeople(letter: Letter): boolean {
  const { kind, state } = lastOf(letter);
  return kind !== 'start' && !(kind === 'ended' && state === 'succeeded');
}
