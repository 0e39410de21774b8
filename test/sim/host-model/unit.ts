import type { Identity } from './disk.js';

/** How the process of a release behaves on a host. */
export interface Conduct {
  /** False where systemctl says that it could not be started. */
  readonly starts: boolean;
  /** Milliseconds from its start to its end, null where it lives on. */
  readonly diesAfterMs: number | null;
  /** Whether the app's own probes pass. */
  readonly well: boolean;
}

export const GOOD: Conduct = { starts: true, diesAfterMs: null, well: true };

export type RestartPolicy = 'no' | 'always';

/** One systemd unit of type simple, with its process. */
export class Unit {
  readonly name: string;
  readonly policy: RestartPolicy;
  active: 'active' | 'inactive' | 'failed' | 'activating' = 'inactive';
  sub = 'dead';
  pid = 0;
  invocation = '';
  restarts = 0;
  /** The release that the process runs from, null where there is no process. */
  serving: string | null = null;
  well = true;

  constructor(name: string, policy: RestartPolicy) {
    this.name = name;
    this.policy = policy;
  }

  get identity(): Identity {
    return { pid: this.pid, invocation: this.invocation, restarts: this.restarts };
  }

  get runs(): boolean {
    return this.pid !== 0;
  }

  begin(pid: number, release: string | null, well: boolean): void {
    this.active = 'active';
    this.sub = 'running';
    this.pid = pid;
    this.invocation = `i${pid}`;
    this.serving = release;
    this.well = well;
  }

  /** Without a process from now on; `restarting` where systemd is about to start it again. */
  end(how: 'inactive' | 'failed' | 'restarting'): void {
    this.active = how === 'restarting' ? 'activating' : how;
    this.sub = how === 'restarting' ? 'auto-restart' : how === 'failed' ? 'failed' : 'dead';
    this.pid = 0;
    this.serving = null;
  }
}
