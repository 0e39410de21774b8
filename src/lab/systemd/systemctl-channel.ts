import { execFileSync } from 'node:child_process';
import { close, constants, open, openSync, unlink, write } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Reply } from './job-reply.js';

/** One call of `systemctl` that changes a unit. */
export interface SystemctlCall {
  readonly host: string;
  readonly verb: string;
  readonly block: boolean;
  readonly units: readonly string[];
}

/**
 * How the `systemctl` of every practice host reaches the lab: one FIFO for requests of one line each (`host reply-fifo verb
 * block|no-block unit…`; a line below PIPE_BUF is written atomically), and a FIFO for each answer, which the shim makes and
 * opens before it asks.
 */
export class SystemctlChannel {
  readonly #socket: Socket;

  constructor(path: string, answer: (call: SystemctlCall) => Promise<Reply>) {
    execFileSync('mkfifo', ['-m', '600', path]);
    // Open for writing too, so that it never reaches its end when a shim closes it.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    createInterface({ input: this.#socket }).on('line', (line) => {
      const [host, reply, verb, block, ...units] = line.split(' ');
      if (host === undefined || reply === undefined || verb === undefined) return;
      const call = { host, verb, block: block === 'block', units };
      answer(call).then(
        (done) => send(reply, done),
        (error: unknown) => send(reply, { code: 1, text: String(error) }),
      );
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function send(path: string, reply: Reply): void {
  const text = `${reply.text === '' ? '' : `${reply.text}\n`}exit ${reply.code}\n`;
  open(path, constants.O_WRONLY | constants.O_NONBLOCK, (error, fd) => {
    // The requester is gone.
    if (error) return;
    write(fd, text, () => {
      unlink(path, () => close(fd));
    });
  });
}
