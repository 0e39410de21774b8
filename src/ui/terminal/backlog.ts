import { countText } from '../../model/text/count-text.js';
import type { Terminal } from './terminal.js';

/** How far a reader may fall behind before lines are left out, in bytes. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * Writes to a stream whose reader may stop and never go on, as `less` does: what waits for it lies in
 * memory, and a long run would fill that. Past a limit texts are left out, and once the reader has
 * caught up, what `tell` makes of their number is written there.
 */
export function createBacklog(
  stream: Terminal,
  tell: (message: string) => string,
): (text: string) => void {
  let leftOut = 0;
  return (text) => {
    const waiting = stream.writableLength ?? 0;
    if (waiting > (leftOut > 0 ? MOST_WAITING_BYTES / 2 : MOST_WAITING_BYTES)) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0)
      stream.write(tell(`${countText(leftOut, 'message')} left out: they were not read`));
    leftOut = 0;
    stream.write(text);
  };
}
