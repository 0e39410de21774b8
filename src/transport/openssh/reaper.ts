import { spawn } from 'node:child_process';
import { finished } from 'node:stream/promises';

/**
 * Ends what this process cannot end once it was killed: `ssh` masters and their folder would stay forever.
 */
export interface Keeper {
  watch(pid: number): void;
  forget(pid: number): void;
  /** Ends every process that is still watched, then removes the folder. */
  close(): Promise<void>;
}

/**
 * A shell that reads a pipe of this process, which closes however the process ends. Each process is named by
 * its group, so that a reused process id hits nothing.
 */
const SCRIPT = `folder=$1 pids=' '
trap '' HUP INT TERM PIPE
while read -r what pid;do
  case $what in
  +)pids="$pids$pid ";;
  -)case $pids in *" $pid "*)pids="\${pids%% $pid *} \${pids#* $pid }";;esac;;
  esac
done
all() { for pid in $pids;do kill -s "$1" -- "-$pid" 2>/dev/null;done;}
all TERM
[ "$pids" = ' ' ]||sleep 1
all KILL
rm -rf -- "$folder"`;

export async function startKeeper(folder: string): Promise<Keeper> {
  const child = spawn('sh', ['-c', SCRIPT, 'fleet-keeper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const { stdin } = child;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // If it was killed, no one is left to write to.
  stdin.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    watch: (pid) => void stdin.write(`+ ${pid}\n`),
    forget: (pid) => void stdin.write(`- ${pid}\n`),
    async close() {
      stdin.end();
      await finished(stdin).catch(() => {});
      await exited;
    },
  };
}
