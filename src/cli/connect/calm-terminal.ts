import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** A terminal that a person types at while fleet writes to it. */
export interface CalmTerminal {
  /**
   * Hides what is typed while fleet draws, and between two questions for a passphrase, until the process
   * ends: Node then restores the terminal. Signals still work, so Ctrl-C and Ctrl-Z do. Does nothing
   * without a terminal, or in the background, where another process has the terminal.
   */
  calm(): void;
  /** Ends the watch for Ctrl-Z. */
  dispose(): void;
}

/** `clear` removes what is drawn, for the shell that has the terminal after Ctrl-Z. */
export function createCalmTerminal(
  stdin: Readable & { readonly isTTY?: boolean },
  clear: () => void = () => undefined,
): CalmTerminal {
  let watching = false;
  let silenced = false;
  const silence = (): void => {
    silenced ||= inForeground() && setEcho('off');
  };
  const suspend = (): void => {
    clear();
    if (silenced) setEcho('on');
    silenced = false;
    // The system knows whether there is a shell to go back to; without one it does not stop us.
    process.off('SIGTSTP', suspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', suspend);
    silence();
  };
  return {
    calm() {
      if (watching || stdin !== process.stdin || stdin.isTTY !== true) return;
      watching = true;
      silence();
      process.on('SIGTSTP', suspend).on('SIGCONT', silence);
    },
    dispose: () => void process.off('SIGTSTP', suspend).off('SIGCONT', silence),
  };
}

/**
 * Prints `changed` if the echo was different. If fleet is in the background by now, neither this nor
 * fleet may be stopped for it.
 */
const STTY = {
  off: 'trap "" TTOU; case " $(echo $(stty -a)) " in *" echo "*) stty -echo && echo changed ;; esac',
  on: 'trap "" TTOU; stty echo && echo changed',
};

/** True if that changed something. Node can only turn off everything that a terminal does. */
function setEcho(to: keyof typeof STTY): boolean {
  const { stdout } = spawnSync('sh', ['-c', STTY[to]], {
    stdio: [0, 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return stdout?.trim() === 'changed';
}

/** Whether this process may change the terminal; a shell gives it to one job at a time. */
function inForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The name, in parentheses, may hold anything: state ppid pgrp session tty tpgid follow it.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return false;
  }
}
