/** One unit as `systemctl show` prints it. Names and keywords are systemd's. */
export interface UnitState {
  readonly load: 'loaded' | 'not-found' | 'bad-setting';
  readonly active: 'active' | 'inactive' | 'activating' | 'deactivating' | 'failed' | 'reloading';
  readonly sub:
    | 'dead'
    | 'running'
    | 'exited'
    | 'start'
    | 'stop'
    | 'stop-sigterm'
    | 'stop-sigkill'
    | 'auto-restart'
    | 'reload'
    | 'failed';
  readonly result: 'success' | 'exit-code' | 'signal' | 'timeout' | 'start-limit-hit' | 'resources';
  readonly mainPid: number;
  readonly restarts: number;
  /** How the last main process ended: 0 not yet, 1 exited, 2 killed. */
  readonly execCode: 0 | 1 | 2;
  /** Its exit code, or the number of its signal. */
  readonly execStatus: number;
  /** 32 hex digits, new at each start; empty before the first. */
  readonly invocation: string;
}

export const NEVER_STARTED: UnitState = {
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  result: 'success',
  mainPid: 0,
  restarts: 0,
  execCode: 0,
  execStatus: 0,
  invocation: '',
};

/**
 * The properties as `Name=value` lines, in the order in which systemd 252 prints them, whatever the order of the request.
 */
export function showText(
  unit: {
    readonly name: string;
    readonly path: string;
    readonly type: string;
    readonly restart: string;
  },
  state: UnitState,
): string {
  const values: Record<string, string | number> = {
    Type: unit.type,
    Restart: unit.restart,
    MainPID: state.mainPid,
    Result: state.result,
    NRestarts: state.restarts,
    ExecMainCode: state.execCode,
    ExecMainStatus: state.execStatus,
    Id: unit.name,
    LoadState: state.load,
    ActiveState: state.active,
    SubState: state.sub,
    FragmentPath: unit.path,
    InvocationID: state.invocation,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
