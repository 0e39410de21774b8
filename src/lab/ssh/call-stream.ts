import { Transform } from 'node:stream';

/** Whether a command runs fleet's host program in serve mode. */
export function takesCalls(command: string): boolean {
  return command.endsWith(' serve');
}

/**
 * A client's input to such a command, passed on call by call: `call <id> <count>`, and so many lines. Each is passed on
 * when `onCall` is done with it. Anything else is passed on as it comes.
 */
export function createCallStream(onCall: (text: string) => Promise<void>): Transform {
  let held = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held += chunk.toString('latin1');
      const pass = async (): Promise<void> => {
        for (let size = firstCall(held); size > 0; size = firstCall(held)) {
          const call = held.slice(0, size);
          held = held.slice(size);
          await onCall(Buffer.from(call, 'latin1').toString());
          this.push(call, 'latin1');
        }
      };
      pass().then(() => done(), done);
    },
    flush(done) {
      this.push(held, 'latin1');
      done();
    },
  });
}

/** The length of the call at the start of the text; 0 if it is incomplete. */
function firstCall(text: string): number {
  const [head, count] = /^call \d+ (\d+)\n/.exec(text) ?? [];
  if (head === undefined) return text.startsWith('call ') ? 0 : text.length;
  let end = head.length;
  for (let line = 0; line < Number(count); line++) {
    const next = text.indexOf('\n', end);
    if (next === -1) return 0;
    end = next + 1;
  }
  return end;
}
