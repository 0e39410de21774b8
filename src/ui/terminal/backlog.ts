import { countText } from '../../model/text/count-text.js';
import type { Terminal } from './terminal.js';

/** Bytes that a reader may fall behind before lines are left out. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * Writes to a stream whose reader may stop reading, e.g. `less`. What waits for it is in memory, and a
 * long run would fill that. Above a limit, texts are left out. Once the reader has caught up, `tell`
 * gives the text that is written in their place.
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
      stream.write(
        tell(`${countText(leftOut, 'message')} left out, since the reader was too slow`),
      );
    leftOut = 0;
    stream.write(text);
  };
}
